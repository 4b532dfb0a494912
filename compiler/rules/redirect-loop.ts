import type { Rule } from './rule.ts'

/** A redirection that leads to the listener that makes it. */
export const redirectLoop: Rule = {
  code: 'redirect/loop',
  severity: 'warning',
  summary: 'A listener redirects to itself.',
  docs: `A listener with \`redirect\` answers every request with the same URL under https, at the port of its option (443 by default). This one takes TLS at that very
port, so a client comes back, and is redirected again until it gives up.

Redirect on the listener that takes clear text, and let the one with \`tls\` serve the routes.`,
  check: ({ resolved, place }) => resolved.listeners.flatMap(({ name, tls, redirect, port, pointer }) => {
    return tls === null || redirect === null || (redirect.port ?? 443) !== port ? [] : [{
      code: 'redirect/loop',
      severity: 'warning',
      subject: `listener:${name}`,
      message: `'${name}' takes https at port ${port} and redirects all of it to https at port ${port}`,
      place: place(pointer, ['redirect']),
      help: 'Take `redirect` away here; it belongs on the listener for clear text.'
    }]
  })
}

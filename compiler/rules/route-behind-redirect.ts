import type { Rule } from './rule.ts'

/** A route that stands only where everything is redirected. */
export const routeBehindRedirect: Rule = {
  code: 'route/behind-redirect',
  severity: 'warning',
  summary: 'A route stands only on listeners that redirect every request.',
  docs: `A listener with \`redirect\` answers every request itself and serves no route. This route has no other listener, so nothing reaches it.

Add the listener for https to its \`listeners\`, or leave \`listeners\` out.`,
  check: ({ resolved, place }) => resolved.routes.filter(({ match }) => match.listeners.every((index) => resolved.listeners[index]!.redirect !== null)).map(({ id, match, pointer }) => {
    const names = match.listeners.map((index) => `'${resolved.listeners[index]!.name}'`)
    return {
      code: 'route/behind-redirect',
      severity: 'warning',
      subject: `route:${id}`,
      message: `nothing reaches '${id}': ${names.join(' and ')} ${names.length === 1 ? 'redirects' : 'redirect'} every request`,
      place: place(pointer, ['listeners']),
      help: 'Name a listener that serves routes.'
    }
  })
}

import type { Rule } from './rule.ts'

/** TLS to an upstream whose certificate nobody looks at. */
export const tlsUpstreamUnverified: Rule = {
  code: 'tls/upstream-unverified',
  severity: 'warning',
  summary: 'The certificates of an upstream are not verified.',
  docs: `With \`tls: { verify: false }\` anybody between the gateway and the target can answer in its place and read what passes.

For a private authority give its certificate with \`tls: { ca: secret('UPSTREAM_CA') }\`; for a certificate with another name, \`serverName\`.`,
  check: ({ resolved, place }) => resolved.upstreams.filter(({ tls, targets }) => !tls.verify && targets.some(({ scheme }) => scheme === 'https')).map(({ name, pointer }) => ({
    code: 'tls/upstream-unverified',
    severity: 'warning',
    subject: `upstream:${name}`,
    message: `whoever answers in place of '${name}' is believed: its certificates are not verified`,
    place: place(pointer, ['tls', 'verify']),
    help: 'Name its authority (tls.ca) or the name in its certificate (tls.serverName) instead.'
  }))
}

import type { PolicyProblem } from '../../schema/policy.ts'

/** What can be wrong with the options of `headers`. */
export const problems: readonly PolicyProblem[] = [
  {
    code: 'headers/invalid-name',
    severity: 'error',
    summary: 'A header name has characters that HTTP does not allow.',
    docs: 'A field name is a token (RFC 9110 §5.1): letters, digits and ``!#$%&\'*+-.^_`|~``. No spaces, no colon.',
    fails: { request: { set: { 'X Region': 'eu' } } },
    passes: { request: { set: { 'X-Region': 'eu' } } }
  },
  {
    code: 'headers/invalid-value',
    severity: 'error',
    summary: 'A header value has characters that HTTP does not allow, or space around it.',
    docs: 'A value may hold visible ASCII characters, spaces and tabs between them (RFC 9110 §5.5). A line break would start another field or the body, which is how header injection works; other alphabets have no agreed encoding here: percent-encode them.',
    fails: { response: { set: { 'x-note': 'one\r\ntwo' } } },
    passes: { response: { set: { 'x-note': 'one, two' } } }
  },
  {
    code: 'headers/protected-name',
    severity: 'error',
    summary: 'The field belongs to the connection, to the framing of the message, or to the gateway.',
    docs: 'Fields such as `Connection`, `Transfer-Encoding` and `Content-Length` say where a message ends and how the connection goes on (RFC 9110 §7.6.1, RFC 9112 §6). The gateway writes them itself; a wrong one is request smuggling. In requests `Via`, `X-Request-Id`, `X-Forwarded-For`, `X-Forwarded-Host`, `X-Forwarded-Proto` and `Expect` are its own too; `trustedProxies` of the listener says whose are believed. For `Host` use `hostHeader` of the upstream.',
    fails: { request: { set: { host: 'internal.example.com' } } },
    passes: { request: { set: { 'x-original-host': '{request.host}' } } }
  },
  {
    code: 'headers/conflict',
    severity: 'error',
    summary: 'The same field is set twice, or set and removed.',
    docs: 'Names are not case-sensitive: `X-Frame-Options` and `x-frame-options` are one field. To replace what an upstream sends, `set` is enough.',
    fails: { response: { set: { server: 'bank' }, remove: ['Server'] } },
    passes: { response: { set: { server: 'bank' } } }
  },
  {
    code: 'headers/unknown-placeholder',
    severity: 'error',
    summary: 'A placeholder in a value names neither a path parameter nor a variable.',
    docs: '`{id}` stands for the parameter `:id` of the route\'s path, so it exists on routes (and groups all of whose routes have it) only. Variables everywhere: `{client.address}`, `{request.host}`, `{request.method}`, `{request.path}`, `{request.scheme}`. Write `{{` where a brace is meant.',
    fails: { request: { set: { 'x-agent': '{request.agent}' } } },
    passes: { request: { set: { 'x-path': '{request.path}' } } }
  }
]

import type { Problem } from '../../schema/diagnostic.ts'

/** What can be wrong with a document whose shape is right. */
export const problems = [
  {
    code: 'path/invalid-pattern',
    severity: 'error',
    summary: 'The match of a route, or the prefix of a group, is not a pattern of methods and path.',
    docs: 'A match is methods and a path: `GET /users/:id`, `GET|POST /files/:path*`, `/static/*`. A parameter is one segment; `:id(\\\\d+)` constrains it; `:rest*` and `*` take the rest of the path and come last. A prefix has no parameters. The place points at the character where reading stopped.'
  },
  {
    code: 'regex/not-linear',
    severity: 'error',
    summary: 'A regular expression cannot be matched in linear time.',
    docs: 'Expressions of routes become part of one automaton, so that no request can make matching slow. Lookaround, backreferences and word boundaries have no place in an automaton. Nearly always the same set of texts can be written with classes, groups, alternatives and repetition.'
  },
  {
    code: 'regex/too-large',
    severity: 'error',
    summary: 'The automaton of a regular expression has too many states.',
    docs: 'Counted repetition of overlapping alternatives multiplies states: `(a|b)*a(a|b){12}` needs thousands. Lower the counts, or check less here and the rest in the service.'
  },
  {
    code: 'host/invalid-pattern',
    severity: 'error',
    summary: 'A host is not a host name or a wildcard.',
    docs: 'Write `api.example.com`, or `*.example.com` for any number of labels in front. Ports belong to listeners; international names are written in their ASCII form (`xn--…`).'
  },
  {
    code: 'ref/not-found',
    severity: 'error',
    fixable: true,
    summary: 'A route names an upstream or a listener that does not exist.',
    docs: '`to` names an upstream, `listeners` the keys of the gateway\'s `listeners`. In TypeScript pass the upstream itself, and the editor shows this.'
  },
  {
    code: 'id/duplicate',
    severity: 'error',
    summary: 'Two nodes have one name.',
    docs: 'Names of routes, and ids of policies with different options, are the keys of counters, logs and plans, so each can stand for one thing only. Two policies with the same id and the same options are one: that is how routes share a limit.'
  },
  {
    code: 'upstream/invalid-target',
    severity: 'error',
    summary: 'A target is not an address that the gateway may connect to.',
    docs: 'A target is scheme, host and port: `http://10.0.0.1:8080`, `https://users.internal:8443`. It has no path (use `rewrite`), no credentials (use a policy with `secret()`), and it is no link-local or metadata address: those hand out the credentials of the machine.'
  },
  {
    code: 'upstream/no-weight',
    severity: 'error',
    summary: 'All targets of an upstream have weight 0, so none ever takes a request.',
    docs: 'Weight 0 takes a target out of turn. At least one must stay.'
  },
  {
    code: 'rewrite/unknown-parameter',
    severity: 'error',
    fixable: true,
    summary: 'A rewrite uses a parameter that the path does not have.',
    docs: '`{name}` in a rewrite stands for the path parameter `:name` of the same route; `{*}` for an unnamed rest. TypeScript configs show this in the editor.'
  },
  {
    code: 'rewrite/invalid-path',
    severity: 'error',
    summary: 'A rewrite is not a path.',
    docs: 'A rewrite begins with `/` and is in normal form: no query (that of the request is kept), no dot segments, no empty segments, and what is not ASCII is percent-encoded. A brace opens a parameter: `{id}`.'
  },
  {
    code: 'condition/invalid-name',
    severity: 'error',
    summary: 'A condition is on a field that no request has.',
    docs: 'Header and cookie names are tokens (RFC 9110 §5.6.2): letters, digits and some signs, no spaces or colons. Header names are not case-sensitive, so each stands at most once.'
  },
  {
    code: 'listener/invalid-address',
    severity: 'error',
    summary: 'The address of a listener is not an IP address.',
    docs: 'A listener binds an address of this machine: `0.0.0.0` (all of IPv4), `::` (all), `127.0.0.1` (this machine only).'
  },
  {
    code: 'listener/invalid-cidr',
    severity: 'error',
    summary: 'A trusted proxy is not an address range.',
    docs: 'Write an address, or an address and the length of its network: `10.0.0.0/8`, `2001:db8::/32`.'
  },
  {
    code: 'listener/no-upstream',
    severity: 'error',
    summary: 'A tcp listener has neither `to` nor `sni`.',
    docs: 'A tcp listener passes connections on: `to` names the upstream for all of them, `sni` upstreams by the name that a TLS client asks for. With neither, every connection would be closed.'
  },
  {
    code: 'upstream/incomplete-option',
    severity: 'error',
    summary: 'An option of an upstream needs another one, or contradicts it.',
    docs: 'A client certificate is `tls.certificate` and `tls.key` together. Affinity by cookie needs `key`, a secret that signs it; affinity by header needs `name`, the header. Options of the cookie have no meaning without one.'
  },
  {
    code: 'upstream/mixed-schemes',
    severity: 'error',
    summary: 'The targets of an upstream are both for connections and for requests.',
    docs: 'Targets `tcp://` take connections of tcp listeners; `http://` and `https://` take requests of routes. One upstream serves one of them.'
  },
  {
    code: 'listener/port-conflict',
    severity: 'error',
    summary: 'Two listeners want one port of one address.',
    docs: 'Only one socket can be bound there. `0.0.0.0` and `::` take the port of every address. Port 0 never conflicts.'
  }
] as const satisfies readonly Problem[]

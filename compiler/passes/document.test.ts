import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import fc from 'fast-check'
import type { Diagnostic } from '../../schema/diagnostic.ts'
import { compile } from '../compile.ts'
import type { Compilation, PassName } from '../compile.ts'
import { locator } from '../locate.ts'
import { closest } from './closest.ts'
import { isCidr, refusedHost } from './resolve/address.ts'
import { parseMatch } from './resolve/match.ts'
import { resolveTarget } from './resolve/target.ts'

const folder = mkdtempSync(join(tmpdir(), 'gwc-document-'))
test.after.always(() => { rmSync(folder, { recursive: true, force: true }) })

let count = 0
async function compiled (document: unknown, until: PassName = 'chains'): Promise<Compilation> {
  const config = `${++count}.json`
  writeFileSync(join(folder, config), JSON.stringify(document, null, 1))
  return await compile({ cwd: folder, config, env: {} }, until)
}

const listeners = { main: { port: 8080 } }
const upstreams = { app: { targets: ['http://10.0.0.1:80'] } }
const base = { listeners, upstreams, routes: [{ match: '/x', to: 'app' }] }

/** `code pointer: message (help)` of each finding. */
async function findings (document: unknown): Promise<string[]> {
  const { diagnostics } = await compiled(document)
  return diagnostics.map(({ code, place, message, help, fix }: Diagnostic) => `${code} ${(place?.pointer ?? []).join('.')}${place?.part === undefined ? '' : `@${place.part}`}: ${message}${help === undefined ? '' : ` (${help})`}${fix === undefined ? '' : ` [${fix.applicability}: ${fix.title}]`}`)
}

const wrong: readonly (readonly [document: unknown, ...expected: string[]])[] = [
  [[], "schema/invalid : the gateway must be an object, not an empty list"],
  [null, "schema/invalid : the gateway must be an object, not null"],
  ['text', "schema/invalid : the gateway must be an object, not 'text'"],
  [{}, "schema/invalid : the gateway needs the option 'listeners'", "schema/invalid : the gateway needs the option 'routes'"],
  [{ ...base, listners: {} }, "schema/invalid listners@name: the gateway has no option 'listners' (Did you mean 'listeners'?)"],
  [{ ...base, listeners: {} }, "schema/invalid : 'listeners' must not be empty"],
  [{ ...base, listeners: { Main: { port: 1 } } }, "schema/invalid Main@name: 'Main' must be a name of lower-case letters, digits and dashes that begins with a letter"],
  [{ ...base, listeners: { main: { port: '8080' } } }, "schema/invalid port: 'port' must be a whole number, not '8080' (Did you mean 8080?) [maybe-incorrect: write 8080]"],
  [{ ...base, listeners: { main: { port: 70000 } } }, "schema/invalid port: 'port' must be at most 65535, not 70000"],
  [{ ...base, listeners: { main: { port: 1, timeouts: { head: '5 sec' } } } }, "schema/invalid head: 'timeouts.head' must be a duration such as '250ms', '1.5s', '10m' or '1h', not '5 sec' (Did you mean '5s'?) [maybe-incorrect: write 5s]"],
  [{ ...base, listeners: { main: { port: 1, limits: { bodyBytes: 10 } } } }, "schema/invalid bodyBytes: 'limits.bodyBytes' must be a string, not 10"],
  [{ ...base, listeners: { main: { port: 1, limits: { bodyBytes: '10mb' } } } }, "schema/invalid bodyBytes: 'limits.bodyBytes' must be a size such as '512B', '60KiB' or '10MiB', not '10mb' (Did you mean '10MiB'?) [maybe-incorrect: write 10MiB]"],
  [{ ...base, routes: [{ match: '/x', to: 'app', prioritty: 1 }] }, "schema/invalid prioritty@name: a route has no option 'prioritty' (Did you mean 'priority'?)"],
  [{ ...base, routes: [{ to: 'app' }] }, "schema/invalid : a route needs the option 'match'"],
  [{ ...base, routes: [3] }, "schema/invalid 0: 'routes[0]' must be an object, not 3"],
  [{ ...base, routes: [{ match: '/x', to: 'app', timeout: 5000 }] }, "schema/invalid timeout: 'timeout' must be a string, not 5000 (Did you mean '5s'?) [maybe-incorrect: write 5s]"],
  [{ ...base, routes: [{ match: '/x', to: 'app', when: { headers: { a: 1 } } }] }, "schema/invalid a: 'when.headers.a' must be a string or true or false or an object, not 1"],
  [{ ...base, routes: [{ match: '/x', to: 'app', when: { headers: { a: { regexp: 'x' } } } }] }, "schema/invalid : 'when.headers.a' needs the option 'regex'", "schema/invalid regexp@name: a route has no option 'when.headers.a.regexp' (Did you mean 'regex'?)"],
  [{ ...base, upstreams: { app: { targets: [] } } }, "schema/invalid : 'targets' needs at least one element"],
  [{ ...base, upstreams: { app: { ...upstreams.app, balance: 'round-robbin' } } }, "schema/invalid balance: 'balance' must be one of 'round-robin', 'least-connections', 'random-two', 'latency', 'ip-hash', not 'round-robbin' (Did you mean 'round-robin'?) [maybe-incorrect: write round-robin]"],
  [{ ...base, routes: [{ match: '/x', to: 'app', policies: [{ 'rate-limt': { limit: 1, window: '1s' } }] }] }, "policy/unknown rate-limt@name: there is no policy 'rate-limt' (Did you mean 'rate-limit'?)"],
  [{ ...base, routes: [{ match: '/x', to: 'app', policies: [{ 'rate-limit': { limit: 1, window: '1s', mode: 'of' } }] }] }, "schema/invalid mode: 'mode' must be one of 'enforce', 'shadow', 'off', not 'of' (Did you mean 'off'?) [maybe-incorrect: write off]"],
  [{ ...base, upstreams: { app: { ...upstreams.app, policies: [{ 'rate-limit': { limit: 1, window: '1s' } }] } } }, "policy/wrong-target : the policy 'rate-limit' cannot stand on an upstream (It can stand on a listener or a route.)"],
  [{ ...base, routes: [{ match: '/x', to: 'ap' }] }, "ref/not-found to: there is no upstream 'ap' (Did you mean 'app'?) [safe: write 'app']"],
  [{ ...base, routes: [{ match: '/x', to: 'app', listeners: ['other'] }] }, "ref/not-found other: there is no listener 'other' (The listeners are main.)".replace('ref/not-found other', 'ref/not-found 0')],
  [{ ...base, routes: [{ match: 'get /x', to: 'app' }] }, "path/invalid-pattern match@0: 'get' is not a method: methods are in upper case, separated by | (Did you mean 'GET /x'?) [maybe-incorrect: write 'GET /x']"],
  [{ ...base, routes: [{ match: 'GET /x/{id}', to: 'app' }] }, "path/invalid-pattern match@7: a parameter is written :name, not {name} (Did you mean 'GET /x/:id'?) [maybe-incorrect: write 'GET /x/:id']"],
  [{ ...base, routes: [{ prefix: '/:a', routes: [] }] }, 'path/invalid-pattern prefix@1: a prefix has no parameters; write them in the routes'],
  [{ ...base, routes: [{ match: '/x', to: 'app', host: ['ok.example.com', 'x:80'] }] }, "host/invalid-pattern 1: 'x:80': a host has no port; listeners decide ports"],
  [{ ...base, routes: [{ match: '/x', to: 'app', when: { headers: { 'X-A': true, 'x-a': false, 'a b': true } } }] }, "condition/invalid-name x-a@name: there are two conditions on the header x-a", "condition/invalid-name a b@name: 'a b' is not the name of a header"],
  [{ ...base, routes: [{ match: '/x/:name', to: 'app', rewrite: '/{nam}/{' }] }, "rewrite/unknown-parameter rewrite@1: the path has no parameter 'nam' (Did you mean {name}?) [safe: write {name}]", 'rewrite/invalid-path rewrite@7: { has no partner (A parameter is written {name}.)'],
  [{ ...base, routes: [{ match: '/x', to: 'app', rewrite: '/a//b?c' }] }, 'rewrite/invalid-path rewrite: this rewrite is not a path in normal form: a rewrite has no query and no fragment'],
  [{ ...base, listeners: { main: { port: 1, address: 'localhost', trustedProxies: ['10.0.0.0/33'] } } }, "listener/invalid-address address: 'localhost' is not an IP address", "listener/invalid-cidr 0: '10.0.0.0/33' is not an address range"],
  [{ ...base, listeners: { a: { port: 1 }, b: { port: 1, address: '127.0.0.1' } } }, "listener/port-conflict port: 'a' and 'b' both listen on port 1 of 127.0.0.1"],
  [{ ...base, upstreams: { app: { targets: [{ url: 'http://10.0.0.1:80', weight: 0 }] } } }, "upstream/no-weight : every target of 'app' has weight 0"],
  [{ ...base, upstreams: { app: { targets: ['10.0.0.1:80'] } } }, 'upstream/invalid-target 0: a target is scheme, host and port: http://10.0.0.1:8080 (Did you mean http://10.0.0.1:80?) [maybe-incorrect: write http://10.0.0.1:80]'],
  [{ ...base, routes: [{ match: '/x', to: 'app', name: 'n' }, { match: '/y', to: 'app', name: 'n' }] }, "id/duplicate name: two routes are named 'n'"],
  [{ ...base, routes: [1, 2].map((limit) => ({ match: `/${limit}`, to: 'app', policies: [{ 'rate-limit': { id: 'same', limit, window: '1s' } }] })) }, "id/duplicate id: two different policies have the id 'same' (Give them different ids, or make name, mode and options equal to share one state.)"]
]

for (const [document, ...expected] of wrong) {
  test(`finds: ${expected[0]}`, async (t) => {
    const found = await findings(document)
    // JSON has an origin for every object and list, so pointers are short; ties between them are not of interest here.
    t.deepEqual([...found].sort(), [...expected].sort())
  })
}

test('every place lies where the value is written', async (t) => {
  const compilation = await compiled({ ...base, routes: [{ match: '/x', to: 'app', when: { query: { 'a/b~c': 3 } } }] })
  const range = locator(compilation.root)(compilation.diagnostics[0]!.place!)
  t.is(range?.end, range!.start + 1)
  t.is(range?.line, 20)
})

test('names are bound, groups are flattened and defaults are filled', async (t) => {
  const limit = { 'rate-limit': { limit: 1, window: '1m' } }
  const { resolved, diagnostics, chains } = await compiled({
    listeners: { main: { port: 80, policies: [limit] }, admin: { port: 81, address: '127.0.0.1', limits: { bodyBytes: '1KiB' } } },
    upstreams: { app: { targets: ['http://10.0.0.1:80', { url: 'https://[2001:db8::1]:443', weight: 3 }], policies: [{ headers: { request: { set: { a: '1' } } } }] } },
    routes: [
      { match: 'POST|GET /x', to: 'app', timeout: '1.5s', policies: [limit, limit, { 'rate-limit': { limit: 2, window: '1m', mode: 'off' } }] },
      {
        host: ['B.example.com', 'a.example.com'], prefix: '/v1/', listeners: ['admin'], policies: [{ headers: { response: { remove: ['x'] } } }, limit],
        routes: [
          { match: '/y/:id', to: 'app', rewrite: '/z-{id}.json' },
          { prefix: '/deep', routes: [{ match: '/', to: 'app', host: '*.example.org', name: 'deep', policies: [{ 'rate-limit': { limit: 3, window: '1m', id: 'mine' } }] }] }
        ]
      },
      { match: '/c', to: 'app', when: { headers: { 'X-B': 'v', 'x-a': true }, cookies: { s: false }, query: { q: { regex: 'a+' } } } },
      { match: '/c', to: 'app', priority: 2 }
    ]
  })
  t.deepEqual(diagnostics.map(({ code }) => code), ['upstream/unchecked'])
  t.is(resolved?.name, 'gwc')
  t.like(resolved?.listeners[1], { name: 'admin', protocol: 'http', address: '127.0.0.1', port: 81, trustedProxies: [], limits: { headBytes: 61_440, headers: 100, bodyBytes: 1024 }, timeouts: { head: 10_000, body: 30_000, idle: 60_000 }, pointer: '/listeners/admin' })
  t.like(resolved?.upstreams[0], {
    targets: [{ scheme: 'http', host: '10.0.0.1', port: 80, weight: 1, priority: 0, zone: null, drain: false }, { scheme: 'https', host: '2001:db8::1', port: 443, weight: 3, priority: 0, zone: null, drain: false }],
    balance: { kind: 'round-robin' }, hostHeader: 'client', timeouts: { connect: 5000, response: 15_000, idle: 60_000, total: 30_000 }, connections: { max: 1024, pending: 1024, idle: 4000 }, tls: { verify: true, serverName: null, ca: null }
  })
  t.deepEqual(resolved?.routes.map(({ id }) => id), [
    'GET|POST /x', 'a.example.com|b.example.com/v1/y/:id on admin', 'deep', '/c [header x-a, header x-b=v, query q~a+, no cookie s]', '/c'
  ])
  t.deepEqual(resolved?.routes.map(({ match }) => match.listeners), [[0, 1], [1], [1], [0, 1], [0, 1]])
  t.deepEqual(resolved?.routes[1]?.action, { kind: 'forward', upstream: 0, rewrite: [{ text: '/z-' }, { param: 'id' }, { text: '.json' }], timeout: null })
  t.deepEqual(resolved?.routes[2]?.match.hosts, [{ wildcard: true, name: 'example.org' }])
  t.is(resolved?.routes[2]?.match.path.source, '/v1/deep/')
  t.is(resolved?.routes[0]?.action.timeout, 1500)
  t.deepEqual(resolved?.routes[0]?.policies.map(({ id, mode }) => [id, mode]), [
    ['route:GET|POST /x/rate-limit', 'enforce'], ['route:GET|POST /x/rate-limit#2', 'enforce'], ['route:GET|POST /x/rate-limit#3', 'off']
  ])
  const group = 'group:a.example.com|b.example.com/v1'
  t.deepEqual(resolved?.routes[2]?.policies.map(({ id }) => id), [`${group}/headers`, `${group}/rate-limit`, 'mine'])
  // By phase, then in config order; the upstream's come last in their phase, what is off is gone, equal lists are one.
  const names = (chain: number): string[] => chains!.chains[chain]!.map((policy) => chains!.policies[policy]!.id)
  t.deepEqual(chains?.listeners.map(names), [['listener:main/rate-limit'], []])
  t.deepEqual(chains?.routes.map(names), [
    ['route:GET|POST /x/rate-limit', 'route:GET|POST /x/rate-limit#2', 'upstream:app/headers'],
    [`${group}/rate-limit`, `${group}/headers`, 'upstream:app/headers'],
    [`${group}/rate-limit`, 'mine', `${group}/headers`, 'upstream:app/headers'],
    ['upstream:app/headers'],
    ['upstream:app/headers']
  ])
  t.is(chains?.routes[3], chains?.routes[4])
})

test('targets', (t) => {
  const invalid = (text: string): string => {
    const target = resolveTarget(text)
    return 'invalid' in target ? target.invalid : `${target.scheme} ${target.host} ${target.port}`
  }
  t.is(invalid('http://Users.Internal:80'), 'http users.internal 80')
  t.is(invalid('https://[::1]:443/'), 'https ::1 443')
  t.is(invalid('HTTP://127.1:1'), 'http 127.0.0.1 1')
  t.regex(invalid('ftp://x:1'), /scheme/)
  t.regex(invalid('http://user:secret@x:1'), /credentials/)
  t.notRegex(invalid('http://user:secret@x:1'), /secret@/)
  t.regex(invalid('http://x:1/path'), /no path/)
  t.regex(invalid('http://x:1?q'), /no path or query/)
  t.regex(invalid('http://x'), /port is missing/)
  t.regex(invalid('http://x:0'), /port 0/)
  t.regex(invalid('http://x:99999'), /no host and port/)
  t.regex(invalid('http://:80'), /no host and port/)
  t.regex(invalid(''), /scheme, host and port/)
  for (const spelling of ['169.254.169.254', '169.254.1.1', '2852039166', '0xa9.0xfe.0xa9.0xfe', '[fe80::1]', '[::ffff:169.254.169.254]', '[fd00:ec2::254]', 'metadata.google.internal', 'METADATA.google.internal.', '0.0.0.0', '[::]']) {
    t.regex(invalid(`http://${spelling}:80`), /metadata|link-local|no address/, spelling)
  }
  t.is(refusedHost('169.253.255.255'), undefined)
  t.is(refusedHost('fec0::1'), undefined)
})

test('address ranges', (t) => {
  t.deepEqual(['10.0.0.0/8', '::/0', '10.0.0.1', '2001:db8::/128'].filter((range) => !isCidr(range)), [])
  t.deepEqual(['', '10.0.0.0/', '10.0.0.0/33', '10.0.0/8', '::/129', 'fe80::1%eth0', '10.0.0.0/08', 'localhost'].filter(isCidr), [])
})

test('matches', (t) => {
  t.deepEqual(parseMatch('/x y'), { methods: [], path: '/x y', at: 0 })
  t.deepEqual(parseMatch('PUT|GET|PUT /x'), { methods: ['GET', 'PUT'], path: '/x', at: 12 })
  t.like(parseMatch('GET'), { message: 'the path is missing', suggestion: 'GET /' })
  t.like(parseMatch('GET x'), { at: 4, suggestion: 'GET /x' })
  t.like(parseMatch('x'), { suggestion: '/x' })
  t.like(parseMatch('GET, POST /x'), { at: 0 })
  t.like(parseMatch('GET||POST /x'), { message: 'a method is missing', at: 4, suggestion: 'GET|POST /x' })
  t.like(parseMatch('GET|CONNECT /x'), { at: 4 })
})

test('the nearest name is found, a far one is not', (t) => {
  t.is(closest('hsot', ['host', 'hosts', 'port']), 'host')
  t.is(closest('HOST', ['hose', 'host']), 'host')
  t.is(closest('upstream', ['downhill', 'x']), undefined)
  t.is(closest('a', []), undefined)
  fc.assert(fc.property(fc.string({ minLength: 1, maxLength: 12 }), fc.array(fc.string(), { maxLength: 5 }), (name, others) => closest(name, [...others, name]) === name || others.some((other) => other.toLowerCase() === name.toLowerCase())))
})

test('no document makes a pass throw', async (t) => {
  const key = fc.constantFrom('listeners', 'upstreams', 'routes', 'policies', 'targets', 'match', 'to', 'when', 'headers', 'host', 'prefix', 'rewrite', 'rate-limit', 'port', 'x', '/', '~')
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ maxDepth: 5 }, fc.constantFrom<unknown>(null, true, 0, -1, 'x', '/x', 'GET /:a', '1s', ''), fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }))
  }))
  await fc.assert(fc.asyncProperty(fc.record({ listeners: value, upstreams: value, routes: fc.array(value) }, { noNullPrototype: true }), async (document) => {
    const { diagnostics, chains } = await compiled(document)
    if (chains === undefined && diagnostics.length === 0) throw new Error('nothing said')
  }), { numRuns: 300 })
  t.pass()
})

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { formatOf, readLog } from '../compiler/replay/read-log.ts'
import { runGwc } from './support/gwc.ts'

const document = (to: string, open: boolean): string => JSON.stringify({
  name: 'replayed',
  listeners: { public: { port: 8080 } },
  upstreams: { a: { targets: ['http://127.0.0.1:9'] }, b: { targets: ['http://127.0.0.1:10'] } },
  routes: [
    { match: 'GET /users/:id', name: 'user', to },
    { match: 'GET /search', name: 'search', to: 'a', when: { query: { beta: true } } },
    { match: 'POST /orders', name: 'order', to: 'a', ...(open ? {} : { policies: [{ 'api-key': { keys: [{ id: 'k', hash: { $secret: 'K' } }] } }] }) }
  ]
})

async function project (t: ExecutionContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'gwc-replay-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  writeFileSync(join(folder, 'gateway.config.json'), document('a', false))
  const compiled = await runGwc(['compile', '--out', 'base.json'], folder)
  t.is(compiled.code, 0, compiled.text)
  writeFileSync(join(folder, 'gateway.config.json'), document('b', true))
  return folder
}

const line = (method: string, path: string, route?: string, day = '2026-11-20'): string => JSON.stringify({ time: `${day}T10:00:00Z`, listener: 'public', client: '10.1.2.3', method, host: 'x.test', path, status: 200, reason: 'ok', ...(route === undefined ? {} : { route }) })

test('gwc replay weighs changes by the log, says how far it can be believed, and keeps nobody in the profile', async (t) => {
  const folder = await project(t)
  const log = [...Array.from({ length: 90 }, (_, i) => line('GET', `/users/${4711 + i}`, 'user')), ...Array.from({ length: 8 }, () => line('POST', '/orders', 'order', '2026-11-21')), line('GET', '/nothing'), line('GET', '/search', 'search'), 'no json']
  writeFileSync(join(folder, 'access.log'), log.join('\n'))
  const { code, text } = await runGwc(['replay', 'access.log', '--base', 'file:base.json', '--profile-out', 'traffic.json'], folder)
  t.is(code, 0, text)
  t.regex(text, /W02 authentication removed {3}8 requests \(8\.1 %\), last on 2026-11-21/)
  t.regex(text, /upstream {3}90 requests \(90\.9 %\), last on 2026-11-20/)
  t.regex(text, /99 requests of the log, in 3 classes; 1 undetermined[^;]*; 1 lines are no requests[^;]*; the base decides 100\.0 % of them as logged/)

  const profile = readFileSync(join(folder, 'traffic.json'), 'utf8')
  t.notRegex(profile, /47\d\d|10\.1\.2\.3/)
  const planned = await runGwc(['plan', '--base', 'file:base.json', '--traffic', 'traffic.json'], folder)
  t.regex(planned.text, /W02 authentication removed {3}8 requests \(8\.1 %\)/)

  const over = await runGwc(['replay', 'access.log', '--base', 'file:base.json', '--fail-over', 'weakening=5%,breaking=0'], folder)
  t.is(over.code, 5)
  t.regex(over.text, /weakening changes are about 8\.081 % of the requests, more than 5 %/)
  t.is((await runGwc(['replay', 'access.log', '--base', 'file:base.json', '--fail-over', 'weakening=9%'], folder)).code, 0)
  writeFileSync(join(folder, 'empty.log'), '')
  t.is((await runGwc(['replay', 'empty.log', '--log-format', 'gwc', '--base', 'file:base.json', '--fail-over', 'weakening=9%'], folder)).code, 5, 'no data is no proof')

  writeFileSync(join(folder, 'other.log'), log.map((text) => text.replace('"user"', '"somebody-else"')).join('\n'))
  t.regex((await runGwc(['replay', 'other.log', '--base', 'file:base.json'], folder)).text, /decides 9\.1 % of them as logged; was this log written by another config\?/)
})

test('a field that only the new config asks for makes requests uncertain, not unaffected', async (t) => {
  const folder = await project(t)
  const canary = JSON.parse(document('a', false)) as { routes: object[] }
  canary.routes.push({ match: 'GET /users/:id', name: 'canary', to: 'b', when: { headers: { 'x-canary': true } } })
  writeFileSync(join(folder, 'gateway.config.json'), JSON.stringify(canary))
  writeFileSync(join(folder, 'access.log'), [...Array.from({ length: 3 }, () => line('GET', '/users/1', 'user')), line('POST', '/orders', 'order')].join('\n'))
  const { code, text } = await runGwc(['replay', 'access.log', '--base', 'file:base.json'], folder)
  t.is(code, 0, text)
  t.regex(text, /upstream {3}3 requests \(75\.0 %\)/)
  t.regex(text, /3 uncertain: the new config asks for fields that the log does not have, so they count for every change that may be about them/)
})

test('logs of Envoy, nginx and browsers are read', (t) => {
  const envoy = JSON.stringify({ start_time: '2026-11-20T10:00:00Z', method: 'GET', path: '/users/1?x=1', authority: 'X.test:8080', response_code: 200 })
  t.is(formatOf(envoy), 'envoy')
  t.like(readLog(envoy, 'envoy').requests[0], { method: 'GET', host: 'x.test', path: '/users/1', search: 'x=1', status: 200, day: '2026-11-20', route: undefined, headers: undefined })
  const nginx = '10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "GET /users/%7Ea?beta=1 HTTP/1.1" 200 12 "-" "curl/8"'
  t.is(formatOf(nginx), 'nginx')
  t.like(readLog(`${nginx}\n10.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "\\x16\\x03" 400 0 "-" "-"\n`, 'nginx'), { unread: 1, requests: [{ method: 'GET', host: undefined, path: '/users/~a', search: 'beta=1', status: 200, day: '2026-11-20' }] })
  const har = JSON.stringify({ log: { entries: [{ startedDateTime: '2026-11-20T10:00:00Z', request: { method: 'GET', url: 'https://x.test/a?b=c', headers: [{ name: ':path', value: '/' }, { name: 'X-Beta', value: '1' }] }, response: { status: 304 } }] } })
  t.is(formatOf(har), 'har')
  t.like(readLog(har, 'har').requests[0], { host: 'x.test', path: '/a', search: 'b=c', headers: { 'x-beta': '1' }, status: 304 })
  t.is(formatOf('what is this'), undefined)
})

import test from 'ava'
import fc from 'fast-check'
import { FakeHost, fakeExchange, liveOn } from '../../test/fake-exchange.ts'
import type { FakeRequest } from '../../test/fake-exchange.ts'
import { headers } from './index.ts'
import type { HeadersOptions } from './options.ts'

const { definition } = headers
const here = { target: 'route', params: ['id'] } as const

function edits (options: HeadersOptions, request: FakeRequest = {}, status = 200) {
  const exchange = { ...fakeExchange(request), status }
  const handler = liveOn(new FakeHost(definition), definition, options)
  handler.request?.(exchange)
  handler.response?.(exchange)
  return { request: exchange.requestEdits.list, response: exchange.responseEdits.list }
}

const codes = (options: HeadersOptions, params: readonly string[] = ['id']) => definition.check!(options, { target: 'route', params }).map(({ code }) => code)

test('removes, sets and appends in this order, in lower case, on the side that is meant', (t) => {
  t.deepEqual(edits({
    request: { append: { 'X-Via': 'gwc' }, set: { 'X-Region': 'eu' }, remove: ['Cookie'] },
    response: { set: { 'X-Frame-Options': 'DENY' }, remove: ['Server'] }
  }), {
    request: [['remove', 'cookie'], ['set', 'x-region', 'eu'], ['append', 'x-via', 'gwc']],
    response: [['remove', 'server'], ['set', 'x-frame-options', 'DENY']]
  })
})

test('a handler exists only for the side that has changes', (t) => {
  const host = new FakeHost(definition)
  t.is(liveOn(host, definition, { request: { remove: ['cookie'] } }).response, undefined)
  t.is(liveOn(host, definition, { response: { remove: ['server'] } }).request, undefined)
})

test('responses: all by default, or only those that are no errors', (t) => {
  const set = { 'cache-control': 'max-age=60' }
  const sent = (options: NonNullable<HeadersOptions['response']>, status: number) => edits({ response: options }, {}, status).response.length
  t.deepEqual([200, 304, 400, 429, 502].map((status) => sent({ set }, status)), [1, 1, 1, 1, 1])
  t.deepEqual([200, 304, 400, 429, 502].map((status) => sent({ set, on: 'success' }, status)), [1, 1, 0, 0, 0])
  t.is(definition.compare({ response: { set } }, { response: { set, on: 'all' } }), 'equal')
  t.is(definition.compare({ response: { set } }, { response: { set, on: 'success' } }), 'incomparable')
})

test('fills placeholders from the request and leaves other braces alone', (t) => {
  const value = (text: string) => edits({ request: { set: { 'x-a': text } } }, {
    params: { id: 'a%20b' }, clientAddress: '192.0.2.9', method: 'POST', path: '/users/a%20b', host: 'api.example.com'
  }).request[0]?.[2]
  t.is(value('{id}'), 'a%20b')
  t.is(value('user {id} from {client.address}'), 'user a%20b from 192.0.2.9')
  t.is(value('{request.method} {request.scheme}://{request.host}{request.path}'), 'POST http://api.example.com/users/a%20b')
  t.is(value('{{id}'), '{id}')
  t.is(value('{"group":"a","max_age":{"b":1}}'), '{"group":"a","max_age":{"b":1}}')
})

test('no value that passes the check can break out of its line, whatever the request holds', (t) => {
  // What the normalised path can hold.
  const param = fc.string({ unit: fc.constantFrom(...'abc-%20~!$&()*+,;=:@') })
  fc.assert(fc.property(fc.string({ unit: 'binary-ascii' }), param, (text, id) => {
    const options = { response: { set: { 'x-a': text } } }
    if (codes(options).length > 0) return
    const sent = edits(options, { params: { id } }).response[0]?.[2] ?? ''
    t.regex(sent, /^[\t\x20-\x7e]*$/)
  }), { numRuns: 500 })
})

test('check: names the field and the side', (t) => {
  t.deepEqual(definition.check!({ response: { set: { 'Content-Length': '0' } } }, here), [{
    code: 'headers/protected-name',
    message: 'Content-Length belongs to the framing of the message',
    pointer: ['response', 'set', 'Content-Length'],
    help: 'The gateway writes this field itself; leave it out.'
  }])
  for (const name of ['Connection', 'Keep-Alive', 'Proxy-Connection', 'TE', 'Trailer', 'Transfer-Encoding', 'Upgrade', 'Host', 'Expect', 'Via', 'X-Forwarded-For', 'X-Request-Id']) {
    t.deepEqual(codes({ request: { set: { [name]: 'x' } } }), ['headers/protected-name'], name)
    t.deepEqual(codes({ request: { remove: [name] } }), ['headers/protected-name'], name)
  }
  t.deepEqual(codes({ response: { remove: ['Via', 'X-Request-Id'] } }), [], 'in responses they are like others')
  for (const value of ['a\rb', 'a\nb', 'a\0b', ' a', 'a ', 'grün', '\x7f']) t.deepEqual(codes({ request: { set: { 'x-a': value } } }), ['headers/invalid-value'], JSON.stringify(value))
  for (const value of ['', 'a', 'a b', 'a\tb', '!~']) t.deepEqual(codes({ request: { set: { 'x-a': value } } }), [], JSON.stringify(value))
  t.deepEqual(codes({ request: { remove: ['x y', ''] } }), ['headers/invalid-name', 'headers/invalid-name'])
})

test('check: one field in two spellings is a conflict, set and append together are not', (t) => {
  t.deepEqual(codes({ request: { set: { 'X-A': '1', 'x-a': '2' } } }), ['headers/conflict'])
  t.deepEqual(codes({ request: { set: { 'X-A': '1' }, remove: ['x-a'] } }), ['headers/conflict'])
  t.deepEqual(codes({ request: { set: { 'x-a': '1' }, append: { 'x-a': '2' } } }), [])
  t.deepEqual(codes({ request: { set: { 'x-a': '1' } }, response: { remove: ['x-a'] } }), [])
})

test('check: a placeholder must stand for something where the policy stands', (t) => {
  t.deepEqual(codes({ request: { set: { 'x-a': '{id}' } } }), [])
  t.deepEqual(codes({ request: { set: { 'x-a': '{id}' } } }, []), ['headers/unknown-placeholder'])
  t.true(definition.check!({ request: { set: { 'x-a': '{idd}' } } }, here)[0]?.help?.startsWith('Known here: {id}, '))
})

test('compare: spelling and order of fields do not count', (t) => {
  const before: HeadersOptions = { request: { set: { 'X-A': '1', 'X-B': '2' }, remove: ['C', 'D'] } }
  t.is(definition.compare(before, { request: { remove: ['d', 'c'], set: { 'x-b': '2', 'x-a': '1' } } }), 'equal')
  t.is(definition.compare(before, { request: { set: { 'x-a': '1' } } }), 'incomparable')
  t.is(definition.compare(undefined, before), 'incomparable')
  t.is(definition.compare(undefined, undefined), 'equal')
})

test('compare: fields of requests that are not removed any more are looser', (t) => {
  const strip = (...remove: string[]): HeadersOptions => ({ request: { remove } })
  t.is(definition.compare(strip('x-user', 'x-role'), strip('X-User')), 'looser')
  t.is(definition.compare(strip('x-user'), undefined), 'looser')
  t.is(definition.compare(undefined, strip('x-user')), 'stricter')
  t.is(definition.compare(strip('x-user'), strip('x-role')), 'incomparable')
})

import { createHash } from 'node:crypto'
import test from 'ava'
import type { Answer } from '../../schema/exchange.ts'
import { FakeHost, fakeExchange, liveOn } from '../../test/fake-exchange.ts'
import type { FakeRequest } from '../../test/fake-exchange.ts'
import { apiKey } from './index.ts'
import type { ApiKeyOptions } from './options.ts'

const { definition } = apiKey
const hash = (key: string): `sha256:${string}` => `sha256:${createHash('sha256').update(key).digest('hex')}`
const site = { target: 'route', params: [] } as const

function start (options: ApiKeyOptions, secrets: Record<string, string> = {}) {
  const host = new FakeHost(definition)
  Object.assign(host.secrets, secrets)
  const handler = liveOn(host, definition, options)
  return {
    host,
    send (request: FakeRequest = {}) {
      const exchange = fakeExchange(request)
      const answer = handler.request!(exchange) as Answer | undefined
      return { status: answer?.status ?? 200, answer, edits: exchange.requestEdits.list }
    }
  }
}

test('a known key passes: the upstream learns whose it is and does not see it', (t) => {
  const { send } = start({ keys: [{ id: 'mobile', hash: hash('m-1') }, { id: 'web', hash: hash('w-1') }] })
  t.deepEqual(send({ headers: { 'x-api-key': 'm-1', 'x-consumer-id': 'admin' } }), { status: 200, answer: undefined, edits: [['remove', 'x-api-key'], ['set', 'x-consumer-id', 'mobile']] })
  t.deepEqual(send({ headers: { 'x-api-key': 'w-1' } }).edits.at(-1), ['set', 'x-consumer-id', 'web'])
})

test('without a known key: 401, a challenge, nothing of the key in the answer', (t) => {
  const { host, send } = start({ keys: [{ id: 'mobile', hash: hash('m-1') }] })
  const missing = send()
  t.deepEqual(missing.answer, {
    status: 401,
    reason: 'api-key-missing',
    headers: [['www-authenticate', 'ApiKey in="header", name="x-api-key"']],
    problem: { title: 'Unauthorized', detail: 'This resource needs an API key in the header x-api-key.' }
  })
  const unknown = send({ headers: { 'x-api-key': 'guess-4711' } })
  t.is(unknown.status, 401)
  t.is(unknown.answer?.reason, 'api-key-unknown')
  t.false(JSON.stringify(unknown.answer).includes('guess'))
  t.deepEqual(unknown.edits, [])
  for (const key of ['', 'M-1', 'm-1 ', 'm', hash('m-1'), hash('m-1').slice(7), 'm-1'.repeat(1000)]) t.is(send({ headers: { 'x-api-key': key } }).status, 401, key.slice(0, 20))
  t.deepEqual(host.counters, { missing: 2, unknown: 7 })
})

test('an empty key is missing, even where its hash is listed', (t) => {
  t.is(start({ keys: [{ id: 'mobile', hash: hash('') }] }).send({ headers: { 'x-api-key': '' } }).status, 401)
})

test('a consumer may have several keys while it changes over', (t) => {
  const { send } = start({ keys: [{ id: 'mobile', hash: hash('old') }, { id: 'mobile', hash: { $secret: 'NEW_HASH' } }] }, { NEW_HASH: `${hash('new')}\n` })
  for (const key of ['old', 'new']) t.deepEqual(send({ headers: { 'x-api-key': key } }).edits.at(-1), ['set', 'x-consumer-id', 'mobile'])
})

test('a secret rotates without a reload; one that is no hash matches nothing', (t) => {
  const { host, send } = start({ keys: [{ id: 'mobile', hash: { $secret: 'HASH' } }] }, { HASH: hash('one') })
  const status = (key: string) => send({ headers: { 'x-api-key': key } }).status
  t.is(status('one'), 200)
  host.secrets['HASH'] = hash('two')
  t.deepEqual([status('one'), status('two')], [401, 200])
  host.secrets['HASH'] = 'three'
  t.deepEqual([status('two'), status('three')], [401, 401])
})

test('a secret that is missing or holds a plain key stops the start, without showing it', (t) => {
  t.throws(() => start({ keys: [{ id: 'mobile', hash: { $secret: 'HASH' } }] }), { message: 'secret HASH is missing' })
  const error = t.throws(() => start({ keys: [{ id: 'mobile', hash: { $secret: 'HASH' } }] }, { HASH: 'plain-4711' }))
  t.regex(error.message, /^secret HASH must hold sha256:/)
  t.false(error.message.includes('4711'))
})

test('reads another header or the query, and forwards the header when told to', (t) => {
  const keys = [{ id: 'mobile', hash: hash('k') }]
  t.deepEqual(start({ keys, in: 'header:X-Token' }).send({ headers: { 'x-token': 'k' } }).edits, [['remove', 'x-token'], ['set', 'x-consumer-id', 'mobile']])
  t.deepEqual(start({ keys, forward: true }).send({ headers: { 'x-api-key': 'k' } }).edits, [['set', 'x-consumer-id', 'mobile']])
  const query = start({ keys, in: 'query:key' })
  t.is(query.send({ search: 'a=1&key=k' }).status, 200)
  t.is(query.send({ headers: { 'x-api-key': 'k' } }).answer?.headers?.[0]?.[1], 'ApiKey in="query", name="key"')
})

test('check: no finding repeats what was written as a key', (t) => {
  const findings = definition.check!({ keys: [{ id: 'mobile', hash: 'plain-4711' as `sha256:${string}` }, { id: 'web', hash: 'sha256:4711' }] }, site)
  t.deepEqual(findings.map(({ code, pointer }) => [code, pointer]), [['api-key/plain-key', ['keys', 0, 'hash']], ['api-key/malformed-hash', ['keys', 1, 'hash']]])
  t.false(JSON.stringify(findings).includes('4711'))
})

test('compare: fewer keys are stricter', (t) => {
  const a = { id: 'a', hash: hash('a') }
  const b = { id: 'b', hash: { $secret: 'B' } }
  t.is(definition.compare(undefined, { keys: [a] }), 'stricter')
  t.is(definition.compare({ keys: [a] }, undefined), 'looser')
  t.is(definition.compare({ keys: [a, b] }, { keys: [b, a], in: 'header:X-Api-Key' }), 'equal')
  t.is(definition.compare({ keys: [a, b] }, { keys: [a] }), 'stricter')
  t.is(definition.compare({ keys: [a] }, { keys: [a, b] }), 'looser')
  t.is(definition.compare({ keys: [a] }, { keys: [b] }), 'incomparable')
  t.is(definition.compare({ keys: [a] }, { keys: [a], in: 'query:key' }), 'incomparable')
})

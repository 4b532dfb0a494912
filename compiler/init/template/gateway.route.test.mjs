import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'

/** What the gateway would do with a request. Nothing is sent. */
function explain (request) {
  const windows = process.platform === 'win32'
  const output = execFileSync('npx', ['gwc', 'explain', windows ? `"${request}"` : request, '--format', 'json', '--no-types'], { encoding: 'utf8', shell: windows })
  const { outcome, policies } = JSON.parse(output)
  return { outcome: outcome.kind, route: outcome.route, asks: outcome.forwarded?.target, policies: policies?.map(({ name }) => name) }
}

test('a user is served by the API, under a rate limit', () => {
  const { route, asks, policies } = explain('GET http://localhost:8080/users/7?full=1')
  assert.equal(route, 'GET /users/:id')
  assert.equal(asks, '/api/users/7?full=1')
  assert.deepEqual(policies, ['rate-limit'])
})

test('everything else goes to the app as it is', () => {
  const { asks, policies } = explain('POST http://localhost:8080/users/7')
  assert.equal(asks, '/users/7')
  assert.deepEqual(policies, [])
})

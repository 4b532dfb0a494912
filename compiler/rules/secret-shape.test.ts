import test from 'ava'
import { secretShape } from './secret-shape.ts'

const secrets: readonly (readonly [name: string, value: string])[] = [
  ['x', 'AKIAIOSFODNN7EXAMPLE'],
  ['x', `ghp_${'a1B2'.repeat(9)}`],
  ['x', `glpat-${'x'.repeat(20)}`],
  ['x', ['xoxb', '123456789012', 'abcdefghijkl'].join('-')],
  ['x', ['sk', 'live', '4eC39HqLyjWDarjtT1zdp7dc'].join('_')],
  ['x', '-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----'],
  ['x', '-----BEGIN PRIVATE KEY-----'],
  ['x', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'],
  ['authorization', 'Bearer abcdefgh12345678'],
  ['url', 'https://admin:hunter2@db.internal/'],
  ['password', 'hunter2'],
  ['dbPassword', 'correct horse'],
  ['signing-key', 'kT9vXq2LmP8sWz4R'],
  ['apiKey', '3f1c9a7be2d84560aa19cc07'],
  ['x-api-key', 'Zk3Lq9Vb7Nw1Xc5M']
]

const harmless: readonly (readonly [name: string, value: string])[] = [
  ['key', 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'],
  ['keys', 'sha256:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg='],
  ['token', '123e4567-e89b-12d3-a456-426614174000'],
  ['secret', '{tenant}-abcDEF0123456789'],
  ['authorization', 'https://id.example.com/Oauth2/v2.0/authorize'],
  ['tokenHeader', 'x-Session-Token-2'],
  ['authorization', 'Bearer {id}'],
  ['header', 'x-api-key'],
  ['key', 'header:x-api-key'],
  ['token', 'client'],
  ['match', 'GET /password/reset/:token'],
  ['monkey', 'Zk3Lq9Vb7Nw1Xc5M'],
  ['url', 'http://10.0.0.1:8080'],
  ['password', '']
]

test('key-shaped literals are secrets, whatever they are called', (t) => {
  for (const [name, value] of secrets) t.truthy(secretShape(name, value), `${name}: ${value}`)
})

test('hashes, ids, templates, names and addresses are not', (t) => {
  for (const [name, value] of harmless) t.is(secretShape(name, value), undefined, `${name}: ${value}`)
})

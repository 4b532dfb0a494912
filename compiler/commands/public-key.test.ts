import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { UsageError } from '../usage-error.ts'
import { readPublicKey } from './public-key.ts'

const folder = mkdtempSync(join(tmpdir(), 'gwc-key-'))
test.after.always(() => { rmSync(folder, { recursive: true, force: true }) })

function file (name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

test('only ed25519 public keys are taken', (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const pem = String(publicKey.export({ type: 'spki', format: 'pem' }))
  t.is(readPublicKey(file('good', pem)), pem)
  t.throws(() => readPublicKey(file('private', String(privateKey.export({ type: 'pkcs8', format: 'pem' })))), { instanceOf: UsageError, message: /is a private key/ })
  t.throws(() => readPublicKey(file('text', 'not a key')), { instanceOf: UsageError, message: /not a public key/ })
  const rsa = String(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }))
  t.throws(() => readPublicKey(file('rsa', rsa)), { instanceOf: UsageError, message: /is a key for rsa/ })
})

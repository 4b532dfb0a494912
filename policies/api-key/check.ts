import type { PolicyFinding } from '../../schema/policy.ts'
import type { ApiKeyOptions } from './options.ts'
import { isHash } from './hash.ts'

const emptyHash = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Refuses keys in plain text and hashes that nothing or two consumers match. No finding repeats what was written. */
export function check (options: ApiKeyOptions): readonly PolicyFinding[] {
  const findings: PolicyFinding[] = []
  const seen = new Set<string>()
  for (const [index, { id, hash }] of options.keys.entries()) {
    const pointer = ['keys', index, 'hash']
    const text = typeof hash === 'string' ? hash : `$${hash.$secret}`
    if (typeof hash === 'string' && !isHash(hash)) {
      const plain = !hash.startsWith('sha256:')
      findings.push(plain
        ? { code: 'api-key/plain-key', message: `the key of ${id} stands here in plain text`, pointer, help: 'Replace the key, and write the hash of the new one: printf %s "$KEY" | sha256sum, then hash: \'sha256:<its 64 digits>\'.' }
        : { code: 'api-key/malformed-hash', message: `the hash of ${id} is not sha256: and 64 hexadecimal digits in lower case`, pointer, help: 'Print it with: printf %s "$KEY" | sha256sum' })
    } else if (text === emptyHash) {
      findings.push({ code: 'api-key/empty-key', message: `the hash of ${id} is that of the empty text`, pointer, help: 'The variable was probably not set when it was hashed.' })
    } else if (seen.has(text)) {
      findings.push({ code: 'api-key/duplicate-key', message: `the key of ${id} is in the list already`, pointer, help: 'Give each consumer its own key.' })
    }
    seen.add(text)
  }
  if (options.in?.startsWith('query:') === true) {
    findings.push({ code: 'api-key/key-in-query', message: 'keys in the query end up in logs and reach the upstream', pointer: ['in'], help: 'Read it from a header: in: \'header:x-api-key\'.' })
  }
  return findings
}

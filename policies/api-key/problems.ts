import type { PolicyProblem } from '../../schema/policy.ts'

const hash = `sha256:${'0f'.repeat(32)}`

/** What can be wrong with the options of `api-key`. */
export const problems: readonly PolicyProblem[] = [
  {
    code: 'api-key/plain-key',
    severity: 'error',
    concealed: true,
    summary: 'A key stands in the config in plain text.',
    docs: 'Whoever reads the repository, a bundle or a log could use it. Keep only its SHA-256: `printf %s "$KEY" | sha256sum` prints the digits to write after `sha256:`. Treat a key that was committed as leaked: replace it. Make keys by chance, 128 bits or more (`openssl rand -hex 24`); the hash of a short word can be guessed.',
    fails: { keys: [{ id: 'mobile', hash: 'letmein' }] },
    passes: { keys: [{ id: 'mobile', hash }] }
  },
  {
    code: 'api-key/malformed-hash',
    severity: 'error',
    summary: 'A hash is not `sha256:` and 64 hexadecimal digits.',
    docs: 'No key could ever match it.',
    fails: { keys: [{ id: 'mobile', hash: 'sha256:0f0f' }] },
    passes: { keys: [{ id: 'mobile', hash: { $secret: 'MOBILE_KEY_HASH' } }] }
  },
  {
    code: 'api-key/empty-key',
    severity: 'error',
    summary: 'The hash is that of the empty text.',
    docs: 'It comes from hashing an unset variable. An empty key is never accepted.',
    fails: { keys: [{ id: 'mobile', hash: 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' }] },
    passes: { keys: [{ id: 'mobile', hash }] }
  },
  {
    code: 'api-key/duplicate-key',
    severity: 'error',
    summary: 'The same key belongs to two consumers, or is listed twice.',
    docs: 'The gateway tells the upstream whose key it was, so a key has one owner. One consumer may have several keys.',
    fails: { keys: [{ id: 'mobile', hash }, { id: 'web', hash }] },
    passes: { keys: [{ id: 'mobile', hash }, { id: 'mobile', hash: `sha256:${'1e'.repeat(32)}` }] }
  },
  {
    code: 'api-key/key-in-query',
    severity: 'warning',
    summary: 'Keys are read from the query.',
    docs: 'Addresses are kept in logs, histories and `Referer` fields, and the upstream sees the key. Use a header unless the client cannot send one.',
    fails: { keys: [{ id: 'mobile', hash }], in: 'query:key' },
    passes: { keys: [{ id: 'mobile', hash }], in: 'header:x-api-key' }
  }
]

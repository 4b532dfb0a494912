/** Forms of well-known credentials. None of them is a hash or a public identifier. */
const shapes: readonly (readonly [kind: string, shape: RegExp])[] = [
  ['a private key', /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/],
  ['an AWS access key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a GitHub token', /\bgh[oprsu]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{22,}/],
  ['a GitLab token', /\bglpat-[\w-]{20,}/],
  ['a Slack token', /\bxox[abeoprs]-[A-Za-z0-9-]{10,}|hooks\.slack\.com\/services\/\w+\/\w+\/\w+/],
  ['a Stripe key', /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}/],
  ['a Google API key', /\bAIza[\w-]{35}/],
  ['an npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['an API key', /\bsk-[A-Za-z0-9_-]{20,}/],
  ['a JSON Web Token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/],
  ['a credential', /^(?:Bearer|Basic|Token|ApiKey) +[^\s{}]{8,}$/i],
  ['a password in a URL', /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:\s]*:[^/?#@\s]+@/i]
]

const secretName = /(?:pass(?:word|wd|phrase)|secret|token|credential|authorization|(?:^|[-_]|api|access|private|signing|encryption|shared|hmac)keys?)s?$/i
const passwordName = /pass(?:word|wd|phrase)$/i
const harmless = /^(?:sha(?:1|256|384|512)[:-]|\$(?:2[aby]|argon2\w*|scrypt)\$)|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$|[{}]|^https?:\/\//i

/**
 * What kind of secret a literal looks like, or undefined. `name` is the key it stands under: a field that is named like a secret is held to
 * have one when its value looks random. Hashes, UUIDs, templates and plain words are no secrets.
 */
export function secretShape (name: string, value: string): string | undefined {
  const known = shapes.find(([, shape]) => shape.test(value))
  if (known !== undefined) return known[0]
  if (!secretName.test(name) || harmless.test(value)) return undefined
  if (passwordName.test(name) && value !== '') return 'a password'
  return value.length >= 16 && !/\s/.test(value) && looksRandom(value) ? 'a random key' : undefined
}

/** Words and header names have one case or few digits; keys mix, and repeat few characters. */
function looksRandom (value: string): boolean {
  const classes = [/[a-z]/, /[A-Z]/, /\d/].filter((characters) => characters.test(value)).length
  return classes >= 2 && entropy(value) >= 3.2
}

/** Shannon entropy in bits a character. */
function entropy (text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

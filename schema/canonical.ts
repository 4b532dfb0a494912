import { createHash } from 'node:crypto'

/** JSON in canonical form (RFC 8785): keys in UTF-16 order, ECMAScript numbers, no white space. Members that are undefined are left out. */
export function canonicalJson (value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  let text = ''
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) text += text === '' ? canonicalJson(item ?? null) : `,${canonicalJson(item ?? null)}`
    return `[${text}]`
  }
  // The default order of `sort` is that of UTF-16 units.
  for (const key of Object.keys(value).sort()) {
    const member = (value as Readonly<Record<string, unknown>>)[key]
    if (member !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(member)}`
  }
  return `{${text}}`
}

/** `sha256:` and the hex digest of a text or of bytes. */
export function digest (data: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`
}

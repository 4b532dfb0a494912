/** A host name in lower case; `wildcard` is `*.name`: any number of labels in front, never the bare name. */
export interface HostPattern {
  readonly wildcard: boolean
  readonly name: string
}

/** Parses `api.example.com` and `*.example.com`; a string says what is wrong. */
export function parseHost (text: string): HostPattern | string {
  const wildcard = text.startsWith('*.')
  const name = (wildcard ? text.slice(2) : text).toLowerCase().replace(/\.$/, '')
  if (name.includes('*')) return 'a wildcard is only allowed as the whole first label: *.example.com'
  if (name.includes('/')) return 'a host is a name without a scheme and a path: api.example.com'
  if (/[^\x00-\x7f]/.test(name)) return 'write international names in their ASCII form: xn--…'
  if (name.startsWith('[') && name.endsWith(']') && !wildcard) return { wildcard, name }
  if (name.includes(':')) return 'a host has no port; listeners decide ports'
  if (!/^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(name) || name.length > 253) return 'not a host name'
  return { wildcard, name }
}

export function printHost (host: HostPattern): string {
  return host.wildcard ? `*.${host.name}` : host.name
}

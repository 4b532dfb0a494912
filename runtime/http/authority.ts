import { isIPv6 } from 'node:net'

/** Host and port of a `Host` field or an absolute-form target. */
export interface Authority {
  /** Lower case, without a trailing dot. An IPv6 literal keeps its brackets. */
  readonly host: string
  readonly port: number | undefined
}

/** Parses `host[:port]` strictly: a registered name of letters, digits, `-`, `_` and dots, an IPv4 address or an IPv6 literal. Undefined for anything else. */
export function parseAuthority (text: string): Authority | undefined {
  if (text === latestText) return latest
  const parsed = known.get(text) ?? parse(text)
  if (parsed === undefined) return undefined
  if (known.size >= maxKnown) known.clear()
  known.set(text, parsed)
  latestText = text
  return latest = parsed
}

/** Clients ask for the same few hosts again and again, and most often for the same as before. */
let latestText: string | undefined
let latest: Authority | undefined
const known = new Map<string, Authority>()
const maxKnown = 1_000

function parse (text: string): Authority | undefined {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)(?::(\d{1,5}))?$/i.exec(text)
  if (match === null || text.length > 261) return undefined
  const name = match[1]!.toLowerCase()
  if (name.startsWith('[') && !isIPv6(name.slice(1, -1))) return undefined
  const port = match[2] === undefined ? undefined : Number(match[2])
  if (port !== undefined && port > 65535) return undefined
  return { host: name.endsWith('.') ? name.slice(0, -1) : name, port }
}

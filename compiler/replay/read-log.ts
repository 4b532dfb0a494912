import { normalizeTarget } from '../../schema/normalize.ts'
import { readHar } from '../requests/har.ts'

/** A request that some log has. */
export interface LoggedRequest {
  /** Undefined: the log does not say. */
  readonly listener: string | undefined
  readonly method: string
  /** In lower case, without port; undefined: the log does not say. */
  readonly host: string | undefined
  /** Normalised. */
  readonly path: string
  /** Undefined: the log has none. */
  readonly search: string | undefined
  /** All fields of the request, lower-case names; undefined: the log has none. */
  readonly headers: Readonly<Record<string, string>> | undefined
  /** What the gateway that wrote the log decided: a route, null for none, undefined where the log does not say. */
  readonly route: string | null | undefined
  readonly status: number | undefined
  /** Day: `2026-11-27`. */
  readonly day: string | undefined
}

export const logFormats = ['gwc', 'envoy', 'nginx', 'har'] as const
export type LogFormat = typeof logFormats[number]

/** Which format a log has, by how it begins. */
export function formatOf (text: string): LogFormat | undefined {
  const first = text.slice(0, 100_000).trimStart()
  if (first.startsWith('{')) {
    if (/^\{\s*"log"\s*:/.test(first)) return 'har'
    const line = first.slice(0, first.indexOf('\n') < 0 ? undefined : first.indexOf('\n'))
    return /"(?:x-envoy-original-path|authority|response_code|start_time|:authority)"/.test(line) ? 'envoy' : /"method"/.test(line) ? 'gwc' : undefined
  }
  return /^\S+ \S+ \S+ \[[^\]]+\] "/.test(first) ? 'nginx' : undefined
}

/** The requests of a log; `unread` counts lines that are none. */
export function readLog (text: string, format: LogFormat): { readonly requests: readonly LoggedRequest[], readonly unread: number } {
  if (format === 'har') return harLog(text)
  const requests: LoggedRequest[] = []
  let unread = 0
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const request = format === 'nginx' ? nginxLine(line) : jsonLine(line, format)
    if (request === undefined) unread++
    else requests.push(request)
  }
  return { requests, unread }
}

type Loose = Readonly<Record<string, unknown>>

function jsonLine (line: string, format: 'gwc' | 'envoy'): LoggedRequest | undefined {
  let value: Loose
  try {
    value = JSON.parse(line) as Loose
  } catch {
    return undefined
  }
  const text = (...names: readonly string[]): string | undefined => {
    const found = names.map((name) => value[name]).find((member) => typeof member === 'string' && member !== '' && member !== '-')
    return found as string | undefined
  }
  const method = text('method', ':method')
  const target = format === 'gwc' ? text('path') : text('x-envoy-original-path', 'x_envoy_original_path', 'path', ':path')
  if (method === undefined || target === undefined) return undefined
  const host = format === 'gwc' ? text('host') : text('authority', ':authority', 'host')
  const status = Number(value[format === 'gwc' ? 'status' : 'response_code'] ?? NaN)
  return request({
    method, target, host, listener: format === 'gwc' ? text('listener') : undefined, headers: undefined,
    // A gateway that matched nothing leaves the route out.
    route: format === 'gwc' ? text('route') ?? null : undefined,
    status, time: text('time', 'start_time'), searched: format !== 'gwc'
  })
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The formats `common` and `combined`; neither has the host. */
function nginxLine (line: string): LoggedRequest | undefined {
  const [, day = '', month = '', year = '', method, target, status] = /^\S+ \S+ \S+ \[(\d\d)\/(\w{3})\/(\d{4})[^\]]*\] "([A-Z][A-Z-]*) (\S+) HTTP\/[\d.]+" (\d{3})/.exec(line) ?? []
  if (method === undefined || target === undefined) return undefined
  return request({ method, target, host: undefined, listener: undefined, headers: undefined, route: undefined, status: Number(status), time: `${year}-${String(months.indexOf(month) + 1).padStart(2, '0')}-${day}`, searched: true })
}

function harLog (text: string): { readonly requests: readonly LoggedRequest[], readonly unread: number } {
  const entries = readHar(JSON.parse(text)) ?? []
  const requests = entries.flatMap((entry) => entry === undefined ? [] : request({
    method: entry.method, target: entry.url, host: new URL(entry.url).host, listener: undefined, route: undefined, status: entry.status, time: entry.startedDateTime, searched: true,
    headers: Object.fromEntries(entry.headers.map(([name, value]) => [name.toLowerCase(), value]))
  }) ?? [])
  return { requests, unread: entries.length - requests.length }
}

interface RawRequest extends Pick<LoggedRequest, 'method' | 'listener' | 'headers' | 'route'> {
  readonly target: string
  readonly host: string | undefined
  readonly status: number | undefined
  readonly time: string | undefined
  /** The log has queries. */
  readonly searched: boolean
}

/** Undefined: the gateway would refuse it before it is matched. */
function request ({ target, host, status, time, searched, ...rest }: RawRequest): LoggedRequest | undefined {
  const normal = normalizeTarget(target)
  if ('invalid' in normal) return undefined
  return {
    ...rest, path: normal.path, search: searched ? normal.search : undefined,
    host: host?.toLowerCase().replace(/:\d+$/, ''), status: Number.isFinite(status) ? status : undefined, day: /^\d{4}-\d\d-\d\d/.exec(time ?? '')?.[0]
  }
}

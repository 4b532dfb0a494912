import { parseDocument } from 'yaml'
import type { WitnessRequest } from '../../schema/diagnostic.ts'
import type { Resolved } from '../../schema/resolved.ts'
import { exitCode } from '../exit-code.ts'
import { BaseError } from '../base-error.ts'
import { readHar } from '../requests/har.ts'
import { exampleRequests } from '../requests/openapi.ts'
import { explainedRequest } from './explain-request.ts'
import type { TrialRequest } from '../trial.ts'

/** A request as the command line or a file gives it. */
interface GivenRequest {
  /** `GET https://api.example.com/x`. */
  readonly line: string
  /** `name: value`. */
  readonly headers: readonly string[]
  readonly body: string | undefined
  readonly listener: string | undefined
}

/** The request as a gateway would be sent it. */
export function trialRequest ({ line, headers, body, listener }: GivenRequest, resolved: Resolved): TrialRequest {
  const read = explainedRequest(line, headers, listener, resolved)
  // What the runtime refuses it refuses by itself: it gets the path as it was written.
  const target = line.trim().replace(/^\S+\s+(?=\S)/, '').replace(/^https?:\/\/[^/?#]*/i, '')
  const [, rawPath = '/', search] = /^([^?]*)(?:\?(.*))?$/s.exec(target) ?? []
  const [, method = 'GET'] = /^([!#$%&'*+.^_`|~\w-]+)\s+\S/.exec(line.trim()) ?? []
  const fields = Object.fromEntries(headers.map((header) => {
    const colon = header.indexOf(':')
    return [header.slice(0, colon).trim().toLowerCase(), header.slice(colon + 1).trim()]
  }))
  const host = /^\S+\s+https?:\/\/([^/?#]*)|^https?:\/\/([^/?#]*)/i.exec(line.trim())?.slice(1).find((part) => part !== undefined) ?? fields['host'] ?? 'localhost'
  const { host: _host, ...others } = fields
  return {
    listener: resolved.listeners['refused' in read ? 0 : read.listener]!.name,
    method: method.toUpperCase(), host, path: rawPath === '' ? '/' : rawPath, headers: others, query: {}, cookies: {}, search: search ?? '',
    ...(body === undefined ? {} : { body })
  }
}

/** Requests of a file: JSON lines, HAR, or the examples of an OpenAPI description. */
export function trialRequests (text: string, file: string, listener: string | undefined, resolved: Resolved): readonly TrialRequest[] {
  const requests = documented(text, file)
  if (requests !== undefined) return requests.map((entry) => trialRequest({ ...entry, listener }, resolved))
  return text.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return []
    const given = jsonLine(line)
    if (typeof given === 'string') throw new BaseError(`${file}:${index + 1}: ${given}`, exitCode.invalid)
    return ['path' in given ? given : trialRequest({ ...given, listener: given.listener ?? listener }, resolved)]
  })
}

function jsonLine (line: string): GivenRequest | WitnessRequest | string {
  let value: Readonly<Record<string, unknown>>
  try {
    value = JSON.parse(line) as Readonly<Record<string, unknown>>
  } catch (error) {
    return (error as Error).message
  }
  if (typeof value !== 'object' || value === null) return 'a request is an object'
  // What `gwc witness` writes.
  const request = (value['request'] ?? value) as Readonly<Record<string, unknown>>
  if (typeof request['path'] === 'string' && typeof request['listener'] === 'string') return { headers: {}, query: {}, cookies: {}, ...request } as unknown as WitnessRequest
  const { method = 'GET', url, headers = {}, body, listener } = request
  if (typeof url !== 'string' || typeof method !== 'string' || typeof headers !== 'object') return 'a request has a url, and may have method, headers and body'
  return {
    line: `${method} ${url}`, headers: Object.entries(headers as Readonly<Record<string, unknown>>).map(([name, field]) => `${name}: ${String(field)}`),
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body), listener: typeof listener === 'string' ? listener : undefined
  }
}

const ofTheConnection = /^(?:host|connection|content-length)$/i

/** Requests of a file that is one document: HAR, or an OpenAPI description. */
function documented (text: string, file: string): readonly Omit<GivenRequest, 'listener'>[] | undefined {
  const value = documentOf(text, file)
  const requests = readHar(value)?.filter((entry) => entry !== undefined) ?? exampleRequests(value)
  return requests?.map(({ method, url, headers, body }) => ({
    line: `${method} ${url}`, headers: headers.filter(([name]) => !ofTheConnection.test(name)).map(([name, field]) => `${name}: ${field}`), body
  }))
}

function documentOf (text: string, file: string): unknown {
  if (/\.ya?ml$/i.test(file)) {
    const document = parseDocument(text)
    const [error] = document.errors
    if (error !== undefined) throw new BaseError(`${file}:${error.linePos?.[0].line ?? 1}: ${error.message.split('\n')[0]!}`, exitCode.invalid)
    return document.toJS()
  }
  try {
    return text.trimStart().startsWith('{') ? JSON.parse(text) : undefined
  } catch {
    // Several lines of JSON are no JSON.
    return undefined
  }
}

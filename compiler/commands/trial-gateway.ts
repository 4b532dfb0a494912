import { request as httpRequest } from 'node:http'
import { registry } from '../../policies/registry.ts'
import { systemClock } from '../../runtime/clock.ts'
import { decode } from '../../runtime/decode.ts'
import { createGateway } from '../../runtime/gateway.ts'
import { isRejection } from '../../runtime/rejection.ts'
import type { Bundle } from '../../schema/bundle.ts'
import { writeBundle } from '../../schema/bundle-file.ts'
import type { Exchange } from '../../schema/exchange.ts'
import { BaseError } from '../base-error.ts'
import { exitCode } from '../exit-code.ts'
import { secretsIn } from '../passes/emit/secrets.ts'
import { joinedChain } from '../plan/outcomes.ts'
import { requestFields, searchText } from '../render/request-text.ts'
import type { PolicyDecision, TrialAnswer, TrialRequest } from '../trial.ts'
import { recordedPolicies } from './recorded-policies.ts'
import { startStub } from './stub-upstream.ts'

/** A gateway on a loopback port of its own, of the runtime that serves. */
export interface TrialGateway {
  send (request: TrialRequest): Promise<TrialAnswer>
  close (): Promise<void>
}

/** `stub`: every upstream answers 200 and an empty object. `echo`: with the request that it got. `real`: the targets of the bundle. */
export type TrialUpstreams = 'stub' | 'echo' | 'real'

export interface TrialOptions {
  readonly upstreams: TrialUpstreams
  /** Where secrets are looked up; those that are missing get a value that no client knows. */
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Starts the runtime's data path on a bundle, without its addresses, TLS and health checks. One request at a time. */
export async function startTrial (bundle: Bundle, { upstreams, env }: TrialOptions): Promise<TrialGateway> {
  const stub = upstreams === 'real' ? undefined : await startStub(upstreams === 'echo')
  const own = trialBundle(bundle, stub?.port)
  let decisions: PolicyDecision[] = []
  const modes = new Map(bundle.policies.map(({ id, mode }) => [id, mode]))
  let ended: (exchange: Exchange | undefined, reason: string) => void = () => {}
  const gateway = createGateway({
    env: { ...Object.fromEntries(own.secrets.map((name) => [name, unknownKey])), ...env },
    registry: recordedPolicies((decision) => { decisions.push(decision) }), clock: systemClock, random: Math.random, reports: () => {}, warn: () => {},
    bug: (error) => { throw error },
    ended: (exchange, reason) => { ended(exchange, reason) }
  })
  const decoded = decode({ bytes: Buffer.from(writeBundle(own)), signature: undefined, publicKeys: [] })
  const prepared = isRejection(decoded) ? decoded : await gateway.prepare(decoded)
  if (isRejection(prepared)) {
    await gateway.close(0)
    await stub?.close()
    throw new BaseError(`the runtime refuses this config: ${prepared.reason}`, exitCode.testFailed)
  }
  prepared.publish()
  const ports = new Map(gateway.report().listeners.map(({ name, port }) => [name, port]))
  const upstreamOf = new Map(bundle.routes.map(({ id, upstream }) => [id, bundle.upstreams[upstream]!.name]))
  const routes = new Map(bundle.routes.map((route) => [route.id, route]))
  const chainOf = (listener: string, route: string | null): readonly string[] =>
    joinedChain(bundle, bundle.listeners.find(({ name }) => name === listener)!, route === null ? undefined : routes.get(route), registry)
      .map((index) => bundle.policies[index]!).filter(({ mode }) => mode === 'enforce').map(({ name }) => name)

  return {
    async send (request) {
      const port = ports.get(request.listener)
      if (port === undefined) return { status: 0, headers: {}, body: '', reason: 'no-listener', route: null, upstream: null, policies: [], chain: [], forwarded: null }
      stub?.take()
      decisions = []
      const logged = new Promise<{ exchange: Exchange | undefined, reason: string }>((resolve) => { ended = (exchange, reason) => { resolve({ exchange, reason }) } })
      const answer = await send(port, request)
      const { exchange, reason } = await Promise.race([logged, unlogged()])
      const route = exchange?.route ?? null
      return {
        ...answer, reason, route,
        upstream: route === null ? null : upstreamOf.get(route) ?? null,
        policies: decisions.map((decision) => ({ ...decision, mode: modes.get(decision.id) ?? 'enforce' })),
        chain: chainOf(request.listener, route),
        forwarded: stub?.take() ?? null
      }
    },
    async close () {
      await gateway.close(0)
      await stub?.close()
    }
  }
}

/** What the data path refuses before it is a request is in no log. */
function unlogged (): Promise<{ readonly exchange: undefined, readonly reason: string }> {
  return new Promise((resolve) => { setTimeout(() => { resolve({ exchange: undefined, reason: 'refused' }) }, 1_000).unref() })
}

/** The hash of no key that anybody has. */
const unknownKey = `sha256:${'0'.repeat(64)}`

function trialBundle (bundle: Bundle, stubPort: number | undefined): Bundle {
  const listeners = bundle.listeners.map((listener) => ({ ...listener, address: '127.0.0.1', port: 0, tls: null, proxyProtocol: false }))
  const upstreams = stubPort === undefined
    ? bundle.upstreams.map((upstream) => ({ ...upstream, health: null, affinity: null }))
    : bundle.upstreams.map((upstream) => ({
      ...upstream,
      targets: [{ scheme: 'http' as const, host: '127.0.0.1', port: stubPort, weight: 1, priority: 0, zone: null, drain: false }],
      protocol: 'http/1.1' as const, health: null, ejection: null, affinity: null, proxyProtocol: null,
      tls: { verify: true, serverName: null, ca: null, certificate: null, key: null }
    }))
  return { ...bundle, listeners, tcpListeners: [], upstreams, secrets: secretsIn([bundle.policies, upstreams]), witnesses: [] }
}

function send (port: number, { method, host, path, headers, query, cookies, search, body }: TrialRequest): Promise<Pick<TrialAnswer, 'status' | 'headers' | 'body'>> {
  const asked = search === undefined ? searchText(query) : search === '' ? '' : `?${search}`
  const fields = { host, ...requestFields({ headers, cookies }), ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }), connection: 'close' }
  return new Promise((resolve, reject) => {
    const call = httpRequest({ host: '127.0.0.1', port, method, path: path + asked, headers: fields, setHost: false, agent: false, timeout: 60_000 }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => { parts.push(part) })
      response.on('error', reject)
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString() }) })
    })
    call.on('error', reject)
    call.end(body)
  })
}

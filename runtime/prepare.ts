import type { BundleListener } from '../schema/bundle.ts'
import { createMatcher } from '../schema/automaton/match.ts'
import type { AnyPolicy, Clock } from '../schema/policy.ts'
import { createChain } from './chain.ts'
import type { Chain, LivePolicy } from './chain.ts'
import type { DecodedBundle } from './decode.ts'
import type { HealthObserver } from './health/observer.ts'
import type { Verdicts } from './health/verdicts.ts'
import { LiveSnapshot } from './live-snapshot.ts'
import { createPause } from './pause.ts'
import { createPolicies } from './policies.ts'
import type { AskLedger } from './policies.ts'
import { isRejection, rejection } from './rejection.ts'
import type { Rejection } from './rejection.ts'
import type { Secrets } from './secrets.ts'
import { selfTest } from './self-test.ts'
import { sliceAt } from './slices.ts'
import type { Slices } from './slices.ts'
import type { Lease, State } from './state.ts'
import { createTlsFront } from './tls/tls-front.ts'
import type { TlsFront } from './tls/tls-front.ts'
import type { Timeouts } from './upstream/timeouts.ts'
import { createUpstreams } from './upstreams.ts'

/** What a snapshot is made from besides its bundle. */
export interface PrepareContext {
  readonly state: State
  readonly secrets: Secrets
  readonly registry: ReadonlyMap<string, AnyPolicy>
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly timeouts: Timeouts
  /** Where this gateway stands. */
  readonly zone?: string | undefined
  /** Told how tries at targets went. */
  readonly observer: HealthObserver
  /** Told of what is wrong, and nothing fails for. */
  readonly warn: (where: string, reason: string) => void
  /** What is known of the health of targets. */
  readonly verdicts: Verdicts
  /** Asks ledgers that live in another process; without it they live here. */
  readonly askLedger?: AskLedger | undefined
}

/**
 * Makes a verified bundle live, in slices of a few milliseconds between which requests are served. Everything that can fail fails here,
 * and a failure changes nothing: not the active snapshot, not the state that others use.
 */
export async function prepare (bundle: DecodedBundle, context: PrepareContext): Promise<LiveSnapshot | Rejection> {
  const unknown = bundle.requires.filter((name) => !knows(context.registry, name))
  if (unknown.length > 0) return rejection('prepare', `this runtime does not know ${unknown.join(', ')}; a newer version of gwc is needed`)
  const missing = missingSecrets(bundle.secrets, context.secrets)
  if (missing.length > 0) return rejection('prepare', missing.join('; '))

  const lease = context.state.lease()
  const pause = createPause()
  const policies: LivePolicy[] = []
  const prepared = await build().catch((error: unknown) => rejection('prepare', (error as Error).message))
  if (isRejection(prepared)) {
    for (const { handler } of policies) handler.dispose?.()
    lease.end()
  }
  return prepared

  async function build (): Promise<LiveSnapshot | Rejection> {
    const matcher = createMatcher(bundle.automaton)
    await pause()
    const failure = selfTest(bundle, matcher)
    if (failure !== undefined) return failure
    const counters = await createPolicies(bundle, context, lease, pause, policies)
    const upstreams = createUpstreams(bundle.upstreams, context, lease)
    const chains = createChains(bundle.chains, policies)
    return new LiveSnapshot({
      digest: bundle.digest,
      semanticDigest: bundle.semanticDigest,
      revision: bundle.revision,
      name: bundle.name,
      matcher,
      listeners: bundle.listeners.map((options) => ({ options, chain: chains(options.chain), tls: tlsFrontOf(options, context, lease) })),
      tcpListeners: bundle.tcpListeners.map((options) => ({
        options,
        to: options.to === null ? undefined : upstreams.live[options.to],
        sni: options.sni.map(({ hosts, upstream }) => ({ hosts, upstream: upstreams.live[upstream]! }))
      })),
      upstreams: upstreams.live,
      chains,
      routes: bundle.routes,
      handlers: policies.map(({ handler }) => handler),
      onPublish: upstreams.onPublish,
      counters,
      lease
    })
  }
}

/** Of listeners whose TLS options stay, one front serves all snapshots. */
function tlsFrontOf ({ name, tls, timeouts, http2 }: BundleListener, { secrets, clock, warn }: PrepareContext, lease: Lease): TlsFront | undefined {
  if (tls === null) return undefined
  const create = (): TlsFront => createTlsFront({
    tls, protocols: http2 ? ['h2', 'http/1.1'] : ['http/1.1'], handshake: timeouts.head, secrets, wall: () => clock.wall(), warn: (reason) => { warn(`listener ${name}`, reason) }
  })
  try {
    return lease.take(`tls ${name} ${timeouts.head} ${http2} ${JSON.stringify(tls)}`, create, (front) => { front.close() })
  } catch (error) {
    throw new Error(`listener ${name}: ${(error as Error).message}`, { cause: error })
  }
}

/** By the index that routes and listeners use; each is made when it is first needed, which cannot fail. */
function createChains (lists: Slices, policies: readonly LivePolicy[]): (index: number) => Chain {
  const chains: (Chain | undefined)[] = []
  return (index) => chains[index] ??= createChain((sliceAt(lists, index) as number[]).map((policy) => policies[policy]!))
}

function knows (registry: PrepareContext['registry'], required: string): boolean {
  const [name = '', version] = required.split('@')
  return registry.get(name)?.version === Number(version)
}

/** All of them, so that one attempt tells everything that is wrong. */
function missingSecrets (names: readonly string[], secrets: Secrets): string[] {
  return names.flatMap((name) => {
    try {
      secrets.read(name)
      return []
    } catch (error) {
      return [(error as Error).message]
    }
  })
}

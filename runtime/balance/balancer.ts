import type { Clock } from '../../schema/policy.ts'
import type { ResolvedUpstream } from '../../schema/resolved.ts'
import type { Endpoint } from '../upstream/endpoint.ts'
import { hashKeyOf } from './hash-key.ts'
import type { BalanceRequest } from './hash-key.ts'
import type { HashRing } from './hash-ring.ts'
import { hashText } from './hash-text.ts'
import { LeastConnections } from './least-connections.ts'
import { levelsOf } from './levels.ts'
import type { Level } from './levels.ts'
import type { Picker } from './picker.ts'
import { RingWalk } from './ring-walk.ts'
import { RoundRobin } from './round-robin.ts'
import { rampedWeight, rampStep } from './slow-start.ts'
import { TwoChoices, byLatency, byLoad } from './two-choices.ts'

export type BalanceOptions = Pick<ResolvedUpstream, 'balance' | 'failover' | 'slowStart'>

export interface BalancerDependencies {
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  /** Where this gateway stands. */
  readonly zone: string | undefined
}

/** Chooses the endpoint of each request of one upstream. Lives as long as the upstream: reloads and changes of health update it. */
export interface Balancer {
  readonly endpoints: readonly Endpoint[]
  /** An endpoint that takes the request and is none of `tried`, or undefined. */
  pick (request: BalanceRequest, tried: readonly Endpoint[]): Endpoint | undefined
  /** The endpoint to which this key belongs, as `pick` answers. Needs a ring. */
  pickByKey (key: string, tried: readonly Endpoint[]): Endpoint | undefined
  /** Takes new options and endpoints. `ring`: over the targets of these endpoints, in their order; only for hashing. */
  update (options: BalanceOptions, endpoints: readonly Endpoint[], ring: HashRing | undefined): void
  /** The health of an endpoint has changed. */
  refresh (): void
}

export function createBalancer (dependencies: BalancerDependencies, options: BalanceOptions, endpoints: readonly Endpoint[], ring: HashRing | undefined): Balancer {
  return new UpstreamBalancer(dependencies, options, endpoints, ring)
}

interface LiveLevel extends Level {
  readonly picker: Picker
}

class UpstreamBalancer implements Balancer {
  endpoints: readonly Endpoint[] = []
  readonly #dependencies: BalancerDependencies
  #options: BalanceOptions
  #walk: RingWalk | undefined
  #levels: readonly LiveLevel[] = []
  /** When the weights of recovering endpoints are computed next; Infinity: none recovers. */
  #rampAt = Infinity
  #stale = true

  constructor (dependencies: BalancerDependencies, options: BalanceOptions, endpoints: readonly Endpoint[], ring: HashRing | undefined) {
    this.#dependencies = dependencies
    this.#options = options
    this.update(options, endpoints, ring)
  }

  pick (request: BalanceRequest, tried: readonly Endpoint[]): Endpoint | undefined {
    const { balance } = this.#options
    if (balance.kind === 'hash') {
      const key = hashKeyOf(request, balance.by)
      if (key !== undefined) return this.pickByKey(key, tried)
    }
    this.#settle()
    const levels = this.#levels
    if (levels.length === 1) return levels[0]!.picker.pick(tried)
    return levels.length === 0 ? undefined : this.#pickAmong(levels, this.#dependencies.random(), tried)
  }

  pickByKey (key: string, tried: readonly Endpoint[]): Endpoint | undefined {
    this.#settle()
    const levels = this.#levels
    if (levels.length === 0) return undefined
    const hash = hashText(key)
    // Which level a key belongs to depends on the key alone too: it moves only with the share that moves.
    let place = levels.length === 1 ? 0 : hashText(key, 1) / 2 ** 32
    for (const [index, { share }] of levels.entries()) {
      place -= share
      if (place >= 0 && index < levels.length - 1) continue
      const found = this.#walk!.pick(hash, index, tried)
      if (found !== undefined) return found
    }
    return this.#pickAmong(levels, this.#dependencies.random(), tried)
  }

  update (options: BalanceOptions, endpoints: readonly Endpoint[], ring: HashRing | undefined): void {
    if (options.balance.kind !== this.#options.balance.kind) this.#levels = []
    this.#options = options
    this.endpoints = endpoints
    const maxLoad = options.balance.kind === 'hash' ? options.balance.maxLoad : null
    this.#walk = ring === undefined ? undefined : new RingWalk(ring, endpoints, maxLoad)
    this.#stale = true
  }

  refresh (): void { this.#stale = true }

  /** Asks the level that the share says, then the others. */
  #pickAmong (levels: readonly LiveLevel[], place: number, tried: readonly Endpoint[]): Endpoint | undefined {
    let first = 0
    while (first < levels.length - 1 && (place -= levels[first]!.share) >= 0) first++
    const found = levels[first]!.picker.pick(tried)
    if (found !== undefined) return found
    for (const { picker } of levels) {
      const other = picker.pick(tried)
      if (other !== undefined) return other
    }
    return undefined
  }

  /** Brings levels and weights up to date when something has changed. */
  #settle (): void {
    if (!this.#stale && (this.#rampAt === Infinity || this.#dependencies.clock.now() < this.#rampAt)) return
    const now = this.#dependencies.clock.now()
    const { slowStart, failover } = this.#options
    const before = this.#levels
    this.#levels = levelsOf(this.endpoints, failover, this.#dependencies.zone).map((level, i) => {
      const picker = before[i]?.picker ?? this.#createPicker()
      picker.update(level.endpoints, Float64Array.from(level.endpoints, (endpoint) => rampedWeight(endpoint, slowStart, now)))
      return { ...level, picker }
    })
    this.#walk?.update(this.#levels, slowStart, now)
    const ramping = this.endpoints.some(({ recoveredAt }) => now - recoveredAt < slowStart)
    this.#rampAt = ramping ? now + slowStart * rampStep : Infinity
    this.#stale = false
  }

  #createPicker (): Picker {
    const { random } = this.#dependencies
    switch (this.#options.balance.kind) {
      case 'round-robin': return new RoundRobin()
      case 'least-connections': return new LeastConnections()
      case 'latency': return new TwoChoices(random, byLatency)
      case 'random-two':
      case 'hash': return new TwoChoices(random, byLoad)
    }
  }
}

import type { Endpoint, LoadWatcher } from '../upstream/endpoint.ts'
import type { HashRing } from './hash-ring.ts'
import type { Level } from './levels.ts'
import { mix } from './hash-text.ts'
import { rampedShare } from './slow-start.ts'

/** Most points looked at for one key: those that cannot be used may own many in a row. */
const maxSteps = 4096

const noLevel = 255

/** Finds the endpoint of a key on a ring: the owner of its place, or the next one that may be used. */
export class RingWalk {
  readonly #ring: HashRing
  readonly #endpoints: readonly Endpoint[]
  readonly #maxLoad: number | null
  /** Of each endpoint: its level, and the part of the keys that it gets of what is its own while it recovers (2^32: all). */
  readonly #levels: Uint8Array
  readonly #parts: Float64Array
  /** Of each level, where loads are bounded. */
  #loads: readonly LevelLoad[] = []
  /** Of each endpoint, where loads are bounded: how many requests it may have of each that is under way at its level. */
  readonly #bounds: Float64Array

  /** `endpoints`: by the indices of the ring. `maxLoad`: see the option. */
  constructor (ring: HashRing, endpoints: readonly Endpoint[], maxLoad: number | null) {
    this.#ring = ring
    this.#endpoints = endpoints
    this.#maxLoad = maxLoad
    this.#levels = new Uint8Array(endpoints.length).fill(noLevel)
    this.#parts = new Float64Array(endpoints.length).fill(2 ** 32)
    this.#bounds = new Float64Array(endpoints.length).fill(Infinity)
  }

  update (levels: readonly Level[], slowStart: number, now: number): void {
    this.#levels.fill(noLevel)
    for (const [i, endpoint] of this.#endpoints.entries()) {
      const level = levels.findIndex(({ endpoints }) => endpoints.includes(endpoint))
      if (level >= 0) this.#levels[i] = Math.min(level, noLevel - 1)
      this.#parts[i] = 2 ** 32 * rampedShare(endpoint, slowStart, now)
    }
    if (this.#maxLoad === null) return
    this.#loads = levels.map(({ endpoints }) => new LevelLoad(endpoints))
    const weights = levels.map(({ endpoints }) => endpoints.reduce((sum, { target }) => sum + target.weight, 0))
    for (const [i, { target }] of this.#endpoints.entries()) this.#bounds[i] = this.#maxLoad * target.weight / weights[this.#levels[i]!]!
  }

  pick (hash: number, level: number, tried: readonly Endpoint[]): Endpoint | undefined {
    const ring = this.#ring
    // Consistent hashing with bounded loads (Mirrokni et al.): with `load` requests none has more than `maxLoad` times its share.
    const load = this.#maxLoad === null ? 1 : this.#loads[level]!.total + 1
    const draw = mix(hash)
    const start = ring.locate(hash)
    const steps = Math.min(maxSteps, ring.size)
    let refused = -1
    let recovering: Endpoint | undefined
    for (let step = 0; step < steps; step++) {
      const owner = ring.owner(start + step)
      if (owner === refused) continue
      const endpoint = this.#endpoints[owner]!
      if (this.#levels[owner] !== level || !endpoint.takes(tried) || endpoint.active >= load * this.#bounds[owner]!) refused = owner
      else if (draw < this.#parts[owner]!) return endpoint
      else {
        recovering ??= endpoint
        refused = owner
      }
    }
    return recovering
  }
}

/** Requests under way at all endpoints of a level. */
class LevelLoad implements LoadWatcher {
  total = 0

  constructor (endpoints: readonly Endpoint[]) {
    for (const [slot, endpoint] of endpoints.entries()) {
      endpoint.watch(this, slot)
      this.total += endpoint.active
    }
  }

  loadChanged (_slot: number, active: number, before: number): void { this.total += active - before }
}

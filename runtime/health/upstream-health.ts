import type { ResolvedEjection, ResolvedTarget } from '../../schema/resolved.ts'
import { endpointId } from '../upstream/endpoint.ts'
import { isArmed, unarmed } from '../upstream/timeouts.ts'
import type { Timed } from '../upstream/timeouts.ts'
import { Checker } from './checker.ts'
import type { MonitorOptions, WatchedUpstream } from './monitor.ts'
import type { ProbeOptions } from './probe.ts'
import { outliers } from './success-rate.ts'
import { Tally } from './tally.ts'
import type { TargetReport, TargetStatus } from './target-status.ts'

/** What is known of one target. */
interface Watched {
  target: ResolvedTarget
  readonly tally: Tally
  checker: Checker | undefined
  /** What the checker was made from. */
  checkedBy: string
  /** Undefined: not checked yet. */
  healthy: boolean | undefined
  ejected: boolean
  reason: string
  /** Ejections that count for the length of the next one. */
  ejections: number
  /** It was ejected in this interval. */
  lately: boolean
  readonly return: Reinstatement
}

/** Ends the ejection of a target when its time is over. */
class Reinstatement implements Timed {
  readonly timer = unarmed()
  readonly expired: () => void
  constructor (expired: () => void) { this.expired = expired }
}

/** Health of the targets of one upstream: active checks and ejection. */
export class UpstreamHealth implements Timed {
  readonly timer = unarmed()
  readonly #name: string
  readonly #options: MonitorOptions
  #ejection: ResolvedEjection | null = null
  #targets = new Map<string, Watched>()

  constructor (name: string, options: MonitorOptions) {
    this.#name = name
    this.#options = options
  }

  get statuses (): readonly TargetStatus[] { return [...this.#targets].map(([id, watched]) => this.#statusOf(id, watched)) }

  update ({ options, tls }: WatchedUpstream): void {
    const { timeouts } = this.#options
    const next = new Map<string, Watched>()
    for (const target of options.targets) {
      const id = endpointId(target)
      const watched = this.#targets.get(id) ?? this.#watch(id, target)
      this.#targets.delete(id)
      next.set(id, watched)
      watched.target = target
      const checkedBy = options.health === null ? '' : JSON.stringify([options.health, tls])
      if (checkedBy === watched.checkedBy) continue
      watched.checker?.close()
      watched.checkedBy = checkedBy
      watched.checker = options.health === null ? undefined : this.#check(id, watched, {
        upstream: this.#name, target: { ...target, port: options.health.port ?? target.port }, protocol: options.protocol, health: options.health, tls, proxyProtocol: options.proxyProtocol, timeouts
      })
      if (options.health === null && watched.healthy === false) this.#set(id, watched, { healthy: undefined, reason: '' })
    }
    for (const gone of this.#targets.values()) this.#forget(gone)
    this.#targets = next
    this.#ejection = options.ejection
    if (options.ejection === null) {
      for (const [id, watched] of next) if (watched.ejected) this.#reinstate(id, watched)
      timeouts.disarm(this)
    } else if (!isArmed(this)) timeouts.arm(this, options.ejection.interval)
  }

  observe ({ target, outcome, count }: TargetReport): void {
    const watched = this.#targets.get(target)
    if (watched === undefined || this.#ejection === null) return
    const reason = watched.tally.take(outcome, count, this.#ejection)
    if (reason !== undefined) this.#eject(target, watched, reason)
  }

  /** An interval is over. */
  expired (): void {
    const ejection = this.#ejection
    if (ejection === null) return
    this.#options.timeouts.arm(this, ejection.interval)
    const all = [...this.#targets]
    if (ejection.successRate !== null) {
      for (const { index, reason } of outliers(all.map(([, { tally }]) => tally), ejection.successRate)) this.#eject(...all[index]!, reason)
    }
    for (const [, watched] of all) {
      watched.tally.good = watched.tally.bad = 0
      if (!watched.lately && watched.ejections > 0) watched.ejections--
      watched.lately = watched.ejected
    }
  }

  close (): void {
    this.#options.timeouts.disarm(this)
    for (const watched of this.#targets.values()) this.#forget(watched)
    this.#targets.clear()
  }

  #watch (id: string, target: ResolvedTarget): Watched {
    const watched: Watched = {
      target, tally: new Tally(), checker: undefined, checkedBy: '', healthy: undefined, ejected: false, reason: '', ejections: 0, lately: false,
      return: new Reinstatement(() => { this.#reinstate(id, watched) })
    }
    return watched
  }

  #check (id: string, watched: Watched, options: ProbeOptions): Checker {
    const { start, random } = this.#options
    return new Checker(options, {
      start,
      random,
      changed: (healthy, reason) => { this.#set(id, watched, { healthy, reason: healthy ? '' : `check failed: ${reason}` }) },
      // What answers its check again need not wait for the end of its ejection.
      checked: (failure) => { if (failure === undefined && watched.ejected && watched.healthy === true) this.#reinstate(id, watched) }
    }, watched.healthy)
  }

  #eject (id: string, watched: Watched, reason: string): void {
    const { base, max, maxEjected } = this.#ejection!
    watched.tally.clear()
    if (watched.ejected) return
    const all = [...this.#targets.values()]
    const usable = all.filter((other) => other !== watched && other.healthy !== false && !other.ejected && other.target.weight > 0 && !other.target.drain)
    const ejected = all.filter((other) => other.ejected).length
    if (usable.length === 0 || ejected + 1 > Math.max(1, Math.floor(maxEjected * all.length))) return
    watched.ejections++
    watched.lately = true
    const time = Math.min(max, base * watched.ejections)
    this.#options.timeouts.arm(watched.return, time)
    this.#set(id, watched, { ejected: true, reason: `ejected for ${Math.round(time / 1000)} s: ${reason}` })
  }

  #reinstate (id: string, watched: Watched): void {
    this.#options.timeouts.disarm(watched.return)
    watched.tally.clear()
    this.#set(id, watched, { ejected: false, reason: '' })
  }

  #set (id: string, watched: Watched, change: Partial<Pick<Watched, 'healthy' | 'ejected' | 'reason'>>): void {
    const before = watched.healthy !== false && !watched.ejected
    const { ejected } = watched
    Object.assign(watched, change)
    const after = watched.healthy !== false && !watched.ejected
    if (before !== after || ejected !== watched.ejected) this.#options.changed(this.#statusOf(id, watched))
  }

  #statusOf (id: string, { healthy, ejected, reason }: Watched): TargetStatus {
    return { upstream: this.#name, target: id, healthy: healthy !== false, ejected, reason }
  }

  #forget ({ checker, return: reinstatement }: Watched): void {
    checker?.close()
    this.#options.timeouts.disarm(reinstatement)
  }
}

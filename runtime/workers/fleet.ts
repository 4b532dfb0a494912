import { registry } from '../../policies/registry.ts'
import type { Clock } from '../../schema/policy.ts'
import type { DecodedBundle } from '../decode.ts'
import type { RuntimeEvent } from '../events.ts'
import type { Fleet } from '../fleet.ts'
import { createFleetHealth } from '../fleet-health.ts'
import { isRejection, rejection } from '../rejection.ts'
import type { Rejection } from '../rejection.ts'
import { createTurns } from '../turns.ts'
import { createLedgers } from './ledgers.ts'
import { startMember } from './member.ts'
import type { Member } from './member.ts'
import { createPorts } from './ports.ts'

export interface WorkerFleetOptions {
  readonly workers: number
  readonly env: (worker: number) => Readonly<Record<string, string | undefined>>
  readonly secretsFolder: string | undefined
  readonly zone: string | undefined
  readonly drainMs: number | undefined
  readonly accessLog: boolean
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  /** Where the health checks of the primary look up secrets. */
  readonly healthEnv: Readonly<Record<string, string | undefined>>
  readonly event: (event: RuntimeEvent) => void
}

/** Waits before a worker that ended is replaced, in milliseconds: doubles while replacements do not last. */
const backoff = { first: 50, longest: 5_000, lasting: 10_000 }

/** Serves from several processes that share their sockets (node:cluster). The primary serves nothing itself; it keeps the ledgers. */
export function createWorkerFleet (options: WorkerFleetOptions): Fleet {
  const { workers, clock, event } = options
  const members = new Map<number, Member>()
  const born = new Map<Member, number>()
  const ledgers = createLedgers(registry, clock)
  const health = createFleetHealth({
    env: options.healthEnv, secretsFolder: options.secretsFolder, clock, random: options.random, event,
    tell: (status) => { for (const member of members.values()) member.judge([status]) }
  })
  const assignPorts = createPorts()
  // Replacing a worker and loading a bundle exclude each other.
  const inTurn = createTurns()
  let active: DecodedBundle | undefined
  let quick = 0
  let closing = false

  const setup = { secretsFolder: options.secretsFolder, zone: options.zone, drainMs: options.drainMs, accessLog: options.accessLog }
  const bug = (where: string, text: string): void => { event({ kind: 'bug', where, error: text }) }
  // All workers read the same files; one of them tells.
  const warned = new Set<string>()
  const warn = (where: string, reason: string): void => {
    const key = `${where}: ${reason}`
    if (warned.has(key)) return
    warned.add(key)
    setTimeout(() => { warned.delete(key) }, 5_000).unref()
    event({ kind: 'warning', where, reason })
  }
  const missing = (): number[] => Array.from({ length: workers }, (_, index) => index + 1).filter((number) => !members.has(number))

  async function start (number: number): Promise<Member | Rejection> {
    try {
      const member = await startMember({ number, env: options.env(number), setup: { ...setup, place: { worker: number, workers } }, reports: health.observe, answer: ledgers.answer, ended, bug, warn })
      member.judge(health.statuses)
      members.set(number, member)
      born.set(member, clock.now())
      return member
    } catch (error) {
      return rejection('prepare', `worker ${number} does not start: ${(error as Error).message}`)
    }
  }

  function ended (member: Member, how: string): void {
    if (members.get(member.number) !== member) return
    members.delete(member.number)
    const lived = clock.now() - (born.get(member) ?? 0)
    born.delete(member)
    if (closing) return
    event({ kind: 'worker-ended', worker: member.number, pid: member.pid, how })
    quick = lived < backoff.lasting ? quick + 1 : 0
    replaceLater()
  }

  function replaceLater (): void {
    setTimeout(() => { void inTurn(replace) }, Math.min(backoff.first * 2 ** quick, backoff.longest)).unref()
  }

  /** New workers come up with what the others serve. */
  async function replace (): Promise<void> {
    const bundle = active
    if (closing || bundle === undefined) return
    for (const number of missing()) {
      const member = await start(number)
      const failure = isRejection(member) ? member : await member.prepare(bundle)
      if (failure === undefined) await (member as Member).publish()
      else {
        quick++
        bug(`worker ${number}`, failure.reason)
        if (isRejection(member)) replaceLater()
        else await member.close(0)
      }
    }
  }

  async function load (offered: DecodedBundle): Promise<Rejection | undefined> {
    const bundle = { ...offered, listeners: await assignPorts(offered.listeners) }
    await replace()
    // Those that cannot come up with the active bundle may be able to with this one.
    const bare = await Promise.all(missing().map(start))
    const failure = await prepareAll(bundle, bare.find(isRejection))
    if (failure !== undefined && active !== undefined) for (const member of bare) if (!isRejection(member)) void member.close(0)
    return failure
  }

  async function prepareAll (bundle: DecodedBundle, unstarted: Rejection | undefined): Promise<Rejection | undefined> {
    if (unstarted !== undefined) return unstarted
    const all = [...members.values()]
    const failures = await Promise.all(all.map((member) => member.prepare(bundle)))
    const failed = failures.findIndex((failure) => failure !== undefined)
    if (failed >= 0 || all.some((member) => members.get(member.number) !== member)) {
      await Promise.all(all.map((member, index) => failures[index] === undefined ? member.abandon() : undefined))
      const failure = failures[failed] ?? rejection('prepare', 'it ended before it could publish')
      return { ...failure, reason: `worker ${all[Math.max(failed, 0)]!.number}: ${failure.reason}` }
    }
    active = bundle
    await ledgers.hold(bundle)
    await Promise.all(all.map((member) => member.publish()))
    health.watch(bundle)
    return undefined
  }

  return {
    load: (bundle) => inTurn(() => load(bundle)),
    async report () {
      const all = [...members.values()].sort((a, b) => a.number - b.number)
      const reports = await Promise.all(all.map((member) => member.report()))
      return all.flatMap(({ number, pid }, index) => reports[index] === undefined ? [] : [{ worker: number, pid, ...reports[index] }])
    },
    get targets () { return health.statuses },
    close: (graceMs) => {
      closing = true
      health.close()
      return inTurn(async () => { await Promise.all([...members.values()].map((member) => member.close(graceMs))) })
    }
  }
}

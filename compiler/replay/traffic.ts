import { buildAutomaton } from '../../schema/automaton/build.ts'
import { fieldsOf } from '../../schema/automaton/witness-fields.ts'
import type { WitnessRequest } from '../../schema/diagnostic.ts'
import type { Fields } from '../../schema/exchange.ts'
import type { Change, Plan } from '../plan/plan.ts'
import { matcherOf } from '../plan/side.ts'
import type { Side } from '../plan/side.ts'
import type { LoggedRequest } from './read-log.ts'

/** How often requests of one class were seen. The request stands for its class: it is made up, and nobody's. */
export interface SeenClass {
  readonly request: WitnessRequest
  readonly requests: number
  /** Day, or null. */
  readonly lastSeen: string | null
}

/** What gateways were asked for, without anything of those who asked: fit to be kept beside the config. */
export interface TrafficProfile {
  readonly formatVersion: '1.0'
  readonly requests: number
  readonly classes: readonly SeenClass[]
}

/** Requests to be weighed: those of a class, or one. */
export interface WeighedRequest extends Pick<SeenClass, 'requests' | 'lastSeen'> {
  readonly listener: string
  readonly host: string
  readonly method: string
  readonly path: string
  readonly fields: Fields
  /** Whether a field was asked for that the log does not have. Absent: all are known. */
  missed? (): boolean
}

/** The requests that stand for the classes of a profile. */
export function profiledRequests ({ classes }: TrafficProfile): readonly WeighedRequest[] {
  return classes.map(({ request, requests, lastSeen }) => ({ ...request, fields: fieldsOf(request), requests, lastSeen }))
}

/** A log, held against the gateway that wrote it. */
export interface ReplayedLog {
  readonly profile: TrafficProfile
  /** Those of the profile, one by one. */
  readonly requests: readonly WeighedRequest[]
  /** Requests whose class depends on a field that the log does not have. */
  readonly undetermined: number
  /** Of requests whose route is in the log: how many the base decides as logged. */
  readonly agreement: { readonly agreed: number, readonly compared: number }
}

/** How the runtime reads one value out of a query or a `Cookie` field. */
export interface FieldReaders {
  query (search: string, name: string): string | undefined
  cookie (cookies: string, name: string): string | undefined
}

/** Sorts the requests of a log into the classes of a gateway. `listener` stands in where the log names none. */
export function replayLog (requests: readonly LoggedRequest[], side: Side, listener: string | undefined, read: FieldReaders): ReplayedLog | string {
  const { listeners, routes } = side.bundle
  const built = buildAutomaton(side.matches, listeners.length)
  if (built.overflow !== undefined) return built.overflow.message
  const { analysis } = built
  const witnesses = new Map([...analysis.classes()].map(({ key, witness, winner }) => [key, { witness, winner }]))
  const seen = new Map<string, { requests: number, lastSeen: string | null }>()
  const determined: WeighedRequest[] = []
  let undetermined = 0
  let agreed = 0
  let compared = 0
  for (const logged of requests) {
    const index = listeners.findIndex(({ name }) => name === (logged.listener ?? listener ?? listeners[0]?.name))
    const known = knownFields(logged, read)
    const key = index < 0 ? undefined : analysis.classOf(index, logged.host ?? '', logged.method, logged.path, known.fields)
    const found = key === undefined ? undefined : witnesses.get(key)
    if (found === undefined || key === undefined || known.missed()) {
      undetermined++
      continue
    }
    const entry = seen.get(key) ?? { requests: 0, lastSeen: null }
    entry.requests++
    if (logged.day !== undefined && (entry.lastSeen === null || logged.day > entry.lastSeen)) entry.lastSeen = logged.day
    seen.set(key, entry)
    determined.push({ listener: listeners[index]!.name, host: logged.host ?? '', method: logged.method, path: logged.path, fields: known.fields, missed: known.missed, requests: 1, lastSeen: logged.day ?? null })
    if (logged.route === undefined) continue
    compared++
    if ((routes[found.winner]?.id ?? null) === logged.route) agreed++
  }
  const classes = [...seen].map(([key, entry]): SeenClass => {
    const { witness } = witnesses.get(key)!
    return { request: { ...witness, listener: listeners[witness.listener]!.name }, ...entry }
  }).sort((a, b) => b.requests - a.requests)
  return { profile: { formatVersion: '1.0', requests: classes.reduce((sum, one) => sum + one.requests, 0), classes }, requests: determined, undetermined, agreement: { agreed, compared } }
}

/** Fields of a logged request, and whether one was asked for that the log does not have. */
function knownFields ({ headers, search }: LoggedRequest, read: FieldReaders): { readonly fields: Fields, missed (): boolean } {
  let missed = false
  const miss = (): undefined => { missed = true }
  return {
    fields: {
      header: (name) => headers === undefined ? miss() : headers[name],
      query: (name) => search === undefined ? miss() : search === '' ? undefined : read.query(search, name),
      cookie: (name) => headers === undefined ? miss() : headers['cookie'] === undefined ? undefined : read.cookie(headers['cookie'], name)
    },
    missed: () => missed
  }
}

/** A plan with how much traffic each of its changes is about. */
export interface WeighedPlan {
  readonly plan: Plan
  /** Requests of which it is not known what the new config does: it asks for a field that the log does not have. They count for each change that may be about them. */
  readonly uncertain: number
}

export function weighPlan (plan: Plan, before: Side, after: Side, requests: readonly WeighedRequest[]): WeighedPlan {
  const sides = [before, after].map((side) => ({ bundle: side.bundle, matcher: matcherOf(side) }))
  const byRoutes = new Map<string, Change[]>()
  for (const change of plan.changes) {
    for (const { before: was, after: is } of change.regions) {
      for (const key of [JSON.stringify([was?.id ?? null, is?.id ?? null]), JSON.stringify([was?.id ?? null])]) {
        byRoutes.set(key, [...(byRoutes.get(key) ?? []).filter((other) => other !== change), change])
      }
    }
  }
  const weights = new Map<Change, { requests: number, lastSeen: string | null }>()
  let total = 0
  let uncertain = 0
  for (const { listener, host, method, path, fields, missed, requests: count, lastSeen } of requests) {
    total += count
    const [was, is] = sides.map(({ bundle, matcher }) => {
      const index = bundle.listeners.findIndex(({ name }) => name === listener)
      return matcher === undefined ? null : bundle.routes[matcher.matchString(Math.max(index, 0), host, method, path, fields)]?.id ?? null
    })
    const unsure = missed?.() === true
    if (unsure) uncertain += count
    for (const change of byRoutes.get(JSON.stringify(unsure ? [was] : [was, is])) ?? []) {
      if (!change.regions.some(({ listeners }) => listeners.length === 0 || listeners.includes(listener))) continue
      const weight = weights.get(change) ?? { requests: 0, lastSeen: null }
      weight.requests += count
      if (lastSeen !== null && (weight.lastSeen === null || lastSeen > weight.lastSeen)) weight.lastSeen = lastSeen
      weights.set(change, weight)
    }
  }
  const changes = plan.changes.map((change): Change => {
    const { requests, lastSeen } = weights.get(change) ?? { requests: 0, lastSeen: null }
    return { ...change, traffic: { requests, share: total === 0 ? 0 : requests / total, lastSeen } }
  })
  return { plan: { ...plan, changes }, uncertain }
}

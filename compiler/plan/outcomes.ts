import { methodNotAllowed } from '../../schema/automaton/decisions.ts'
import type { Bundle, BundleListener, BundlePolicy, BundleRoute, BundleUpstream } from '../../schema/bundle.ts'
import { canonicalJson } from '../../schema/canonical.ts'
import { phases } from '../../schema/policy.ts'
import type { AnyPolicy } from '../../schema/policy.ts'
import { ownerOf, policiesOf } from './side.ts'
import type { Side } from './side.ts'

/** What one gateway does with the requests of a class. */
export interface Outcome {
  readonly reach: 'closed' | 'redirect' | 'not-found' | 'method-not-allowed' | 'forward'
  /** Undefined exactly when `reach` is `closed`: nothing listens. */
  readonly listener: BundleListener | undefined
  /** With `forward` alone. */
  readonly route: BundleRoute | undefined
  readonly upstream: BundleUpstream | undefined
  /** Who owns the upstream. */
  readonly upstreamOwner: string | undefined
  /** Of listener and route, in the order in which they run. */
  readonly policies: readonly BundlePolicy[]
}

/** Gives equal texts equal numbers; shared by both sides of a comparison. */
export class Interner {
  readonly #numbers = new Map<string, number>()
  readonly #raw = new Map<string, number>()

  number (text: string): number {
    let number = this.#numbers.get(text)
    if (number === undefined) this.#numbers.set(text, number = this.#numbers.size)
    return number
  }

  /** Of a value, whatever the order of its members. */
  content (kind: string, value: unknown): number {
    // Most values are written alike, and this is a fifth of the work of making them canonical.
    const raw = `${kind} ${JSON.stringify(value)}`
    let number = this.#raw.get(raw)
    if (number === undefined) this.#raw.set(raw, number = this.number(`${kind} ${canonicalJson(value)}`))
    return number
  }
}

const nowhere = { route: undefined, upstream: undefined, upstreamOwner: undefined } as const

/** What one gateway does, by listener and by the matcher's answer; equal keys mean equal treatment, names and places aside. */
export class Outcomes {
  readonly #side: Side
  readonly #registry: ReadonlyMap<string, AnyPolicy>
  readonly #listeners: readonly number[]
  readonly #upstreams: readonly number[]
  readonly #policies: readonly number[]
  readonly #interner: Interner
  readonly #routes: (string | undefined)[] = []
  readonly #keys = new Map<string, string>()

  constructor (side: Side, registry: ReadonlyMap<string, AnyPolicy>, interner: Interner) {
    this.#side = side
    this.#registry = registry
    const { bundle } = side
    this.#listeners = bundle.listeners.map((listener) => interner.number(listenerText(listener)))
    this.#upstreams = bundle.upstreams.map((upstream) => interner.number(upstreamText(upstream)))
    this.#policies = bundle.policies.map((policy) => contentOf(policy, interner))
    this.#interner = interner
  }

  /** `result` is a route, `noRoute` or `methodNotAllowed`. Listener -1: there is none. */
  of (listener: number, result: number): Outcome {
    const options = this.#side.bundle.listeners[listener]
    if (options === undefined) return { reach: 'closed', ...nowhere, listener: undefined, policies: [] }
    if (options.redirect !== null) return { reach: 'redirect', ...nowhere, listener: options, policies: policiesOf(this.#side, options.chain) }
    const route = this.#side.bundle.routes[result]
    const upstream = route === undefined ? undefined : this.#side.bundle.upstreams[route.upstream]!
    const reach = route !== undefined ? 'forward' : result === methodNotAllowed ? 'method-not-allowed' : 'not-found'
    return { reach, listener: options, route, upstream, upstreamOwner: upstream === undefined ? undefined : ownerOf(this.#side, 'upstream', upstream.name), policies: this.#chain(options, route).map((index) => this.#placed(index, route)) }
  }

  key (listener: number, result: number): string {
    const cell = `${listener} ${result}`
    let key = this.#keys.get(cell)
    if (key === undefined) this.#keys.set(cell, key = this.#key(listener, result))
    return key
  }

  #key (listener: number, result: number): string {
    const options = this.#side.bundle.listeners[listener]
    if (options === undefined) return 'closed'
    const shared = `${this.#listeners[listener]!}`
    if (options.redirect !== null) return shared
    const route = this.#side.bundle.routes[result]
    const chain = this.#chain(options, route).map((index) => this.#content(index, route)).join()
    return route === undefined ? `${shared} ${result} ${chain}` : `${shared} ${this.routeKey(result)} ${chain}`
  }

  /** What a route does besides its policies. */
  routeKey (index: number): string {
    return this.#routes[index] ??= this.#routeKey(this.#side.bundle.routes[index]!)
  }

  #routeKey ({ upstream: index, rewrite, timeout, params }: BundleRoute): string {
    const upstream = this.#side.bundle.upstreams[index]!
    const { balance, timeouts } = upstream
    // A parameter's name means nothing, its place does.
    const by = balance.kind === 'hash' && balance.by.kind === 'param' ? segmentOf(params, balance.by.name) : ''
    const placed = rewrite?.map((part) => 'text' in part ? part : { param: params[part.param]!.segment })
    return `${this.#upstreams[index]!} ${timeout ?? timeouts.response} ${by} ${JSON.stringify(placed ?? null)}`
  }

  #content (index: number, route: BundleRoute | undefined): number {
    const placed = this.#placed(index, route)
    return placed === this.#side.bundle.policies[index]! ? this.#policies[index]! : contentOf(placed, this.#interner)
  }

  /** A policy on a route, with segments in place of the names of parameters. */
  #placed (index: number, route: BundleRoute | undefined): BundlePolicy {
    const policy = this.#side.bundle.policies[index]!
    const renameParams = this.#registry.get(policy.name)?.renameParams as ((options: object, nameOf: (param: string) => string) => BundlePolicy['options']) | undefined
    if (renameParams === undefined || route === undefined || route.params.length === 0) return policy
    let named = false
    const options = renameParams(policy.options, (param) => {
      named = true
      return segmentOf(route.params, param)
    })
    return named ? { ...policy, options } : policy
  }

  #chain (listener: BundleListener, route: BundleRoute | undefined): readonly number[] {
    return joinedChain(this.#side.bundle, listener, route, this.#registry)
  }
}

/** Indices of the policies of a listener and a route, phase by phase as the runtime joins them. */
export function joinedChain ({ chains, policies }: Pick<Bundle, 'chains' | 'policies'>, listener: BundleListener, route: BundleRoute | undefined, registry: ReadonlyMap<string, AnyPolicy>): readonly number[] {
  const own = chains[listener.chain]!
  if (route === undefined) return own
  const all = [...new Set([...own, ...chains[route.chain]!])]
  if (own.length === 0) return all
  const phaseOf = (index: number): number => phases.indexOf(registry.get(policies[index]!.name)?.phase ?? 'admit')
  return all.map((index, at) => ({ index, at, phase: phaseOf(index) })).sort((a, b) => a.phase - b.phase || a.at - b.at).map(({ index }) => index)
}

function contentOf ({ id, ...content }: BundlePolicy, interner: Interner): number {
  return interner.content('policy', content)
}

function segmentOf (params: BundleRoute['params'], name: string): string {
  const param = params.find((param) => param.name === name)
  return param === undefined ? name : `segment ${param.segment + 1}`
}

function listenerText ({ name, chain, trustedProxies, ...rest }: BundleListener): string {
  return `listener ${canonicalJson({ ...rest, trustedProxies: [...trustedProxies].sort() })}`
}

function upstreamText ({ name, targets, upgrades, timeouts: { response, ...timeouts }, balance, ...rest }: BundleUpstream): string {
  const by = balance.kind === 'hash' && balance.by.kind === 'param' ? { ...balance, by: { kind: 'param' } } : balance
  return `upstream ${canonicalJson({ ...rest, timeouts, balance: by, targets: targets.map((target) => canonicalJson(target)).sort(), upgrades: [...upgrades].sort() })}`
}

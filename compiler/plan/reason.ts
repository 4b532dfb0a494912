import { canonicalJson } from '../../schema/canonical.ts'
import { printHost } from '../../schema/host.ts'
import { printPath } from '../../schema/path.ts'
import { explainOrder } from '../../schema/precedence.ts'
import type { RouteMatch } from '../../schema/resolved.ts'
import type { ChangedPair, GatewayComparison } from './compare-gateways.ts'
import type { Side } from './side.ts'

/** Says why the requests of a region are treated otherwise. */
export class Reasons {
  readonly #comparison: GatewayComparison
  readonly #before: SideIndex
  readonly #after: SideIndex

  constructor (comparison: GatewayComparison) {
    this.#comparison = comparison
    this.#before = new SideIndex(comparison.before)
    this.#after = new SideIndex(comparison.after)
  }

  /** A sentence. */
  of (pair: ChangedPair): string {
    const { before, after, listeners } = this.#comparison
    const listener = listeners[pair.classes[0]!.place.listener]!
    if (listener.before < 0) return `listener '${listener.name}' is new`
    if (listener.after < 0) return `listener '${listener.name}' is gone`
    const [was, is] = [before.matches[pair.before], after.matches[pair.after]]
    const [old, now] = [before.bundle.routes[pair.before]?.id ?? '', after.bundle.routes[pair.after]?.id ?? '']
    if (was === undefined && is === undefined) return `listener '${listener.name}' was edited`
    // A route that is as it was loses or wins a host by what others name.
    if (was === undefined && this.#before.byKey.has(this.#after.keys[pair.after]!)) return `route '${now}' is as it was; no other route names this host any more`
    if (is === undefined && this.#after.byKey.has(this.#before.keys[pair.before]!)) return `route '${old}' is as it was, but other routes now name this host, and hosts do not fall through`
    if (was === undefined) return this.#before.ids.has(now) ? `route '${now}' was edited and now takes them` : `route '${now}' is new`
    if (is === undefined) return this.#after.ids.has(old) ? `route '${old}' was edited and does not take them any more` : `route '${old}' is gone, and no other takes them`
    if (this.#before.keys[pair.before] === this.#after.keys[pair.after]) return `route '${now}', or what it refers to, was edited`
    const stays = this.#after.byKey.get(this.#before.keys[pair.before]!)
    if (stays === undefined) return `route '${old}' ${this.#after.ids.has(old) ? 'was edited' : 'is gone'}, and '${now}' ${old === now ? 'still takes them' : 'takes its place'}`
    const came = !this.#before.byKey.has(this.#after.keys[pair.after]!)
    const order = sameHosts(was, is) ? explainOrder(is, after.matches[stays]!) : `${is.hosts.length === 0 ? 'any host' : is.hosts.map(printHost).join(' or ')} is what decides for this host now`
    return `'${now}' ${came ? 'now also takes them' : 'takes them now'}: ${order}`
  }
}

/** The routes of one gateway by what they match. */
class SideIndex {
  readonly keys: readonly string[]
  readonly byKey: ReadonlyMap<string, number>
  readonly ids: ReadonlySet<string>

  constructor ({ matches, bundle }: Side) {
    this.keys = matches.map(matchKey)
    this.byKey = new Map(this.keys.map((key, index) => [key, index]))
    this.ids = new Set(bundle.routes.map(({ id }) => id))
  }
}

function sameHosts (a: RouteMatch, b: RouteMatch): boolean {
  return a.hosts.map(printHost).sort().join() === b.hosts.map(printHost).sort().join()
}

/** Listeners aside, whose indices mean nothing across gateways. */
function matchKey ({ path, hosts, priority, methods, conditions }: RouteMatch): string {
  return `${printPath(path)} ${hosts.map(printHost).sort().join()} ${priority} ${[...methods].sort().join()} ${conditions.length === 0 ? '' : canonicalJson(conditions)}`
}

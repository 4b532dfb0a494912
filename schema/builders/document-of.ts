import type { GatewayDocument } from '../generated/gateway.ts'
import { declaredUpstreams } from './declared.ts'
import { isNode, placeOf, type RawPlace } from './place.ts'
import { escapePointer, plainData, type UnusableValue } from './plain-data.ts'

/** Two upstreams of one name. Only the first is in the document. */
export interface NameConflict {
  readonly name: string
  readonly first: RawPlace | undefined
  readonly second: RawPlace | undefined
}

/** A gateway in its normal form, with what cannot be said in it. */
export interface GatewayEvaluation {
  /** Not validated: an untyped config may have put anything in it. */
  readonly document: GatewayDocument
  /** The builder's call, by JSON pointer, of the gateway (the empty pointer) and each listener, upstream, group, route and policy (`/routes/0/policies/0`). */
  readonly places: Readonly<Record<string, RawPlace>>
  readonly conflicts: readonly NameConflict[]
  /** Values that are no data; they are left out of the document. */
  readonly unusable: readonly UnusableValue[]
}

type Loose = Readonly<Record<string, unknown>>

/**
 * The document of a gateway: upstreams under their names, policies as objects of one key. It holds all upstreams declared since
 * `forgetUpstreams`, so that one to which no route leads can be reported. Undefined for a value that `defineGateway` did not make.
 */
export function documentOf (gateway: unknown): GatewayEvaluation | undefined {
  if (!isKind(gateway, 'gateway')) return undefined
  const places: Record<string, RawPlace> = {}
  const conflicts: NameConflict[] = []
  const unusable: UnusableValue[] = []
  const upstreams = new Map<string, Loose>()
  const seen = new Set<object>()
  const { listeners, upstreams: listed, routes, invariants, ...rest } = gateway['options'] as Loose
  for (const node of declaredUpstreams()) nameOf(node)
  for (const [key, node] of Object.entries(listed ?? {})) {
    if (nameOf(node) === undefined) unusable.push({ pointer: `/upstreams/${escapePointer(key)}`, what: 'a value that upstream() did not make' })
  }
  const document = {
    ...options(rest, '', gateway),
    listeners: record(listeners, '/listeners', listenerDocument),
    routes: list(routes, '/routes', routeDocument),
    ...(invariants === undefined ? {} : { invariants: list(invariants, '/invariants', invariantDocument) }),
    upstreams: record(Object.fromEntries(upstreams), '/upstreams', (node, pointer) => options((node as Loose)['options'], pointer, node as Loose))
  }
  return { document: document as unknown as GatewayDocument, places, conflicts, unusable }

  function listenerDocument (node: unknown, pointer: string): unknown {
    if (!isKind(node, 'listener')) return plain(node, pointer)
    const { to, sni, ...others } = node['options'] as Loose
    return {
      ...options(others, pointer, node),
      protocol: node['protocol'],
      ...(to === undefined ? {} : { to: reference(to, `${pointer}/to`) }),
      ...(sni === undefined ? {} : { sni: list(sni, `${pointer}/sni`, sniDocument) })
    }
  }

  function sniDocument (entry: unknown, pointer: string): unknown {
    if (typeof entry !== 'object' || entry === null) return plain(entry, pointer)
    const { to, ...others } = entry as Loose
    return { ...plain(others, pointer) as Loose, to: reference(to, `${pointer}/to`) }
  }

  function routeDocument (node: unknown, pointer: string): unknown {
    if (isKind(node, 'group')) return { ...options(node['options'], pointer, node), routes: list(node['routes'], `${pointer}/routes`, routeDocument) }
    if (!isKind(node, 'route')) return plain(node, pointer)
    const { to, ...others } = node['options'] as Loose
    return { ...options(others, pointer, node), match: plain(node['match'], `${pointer}/match`), to: reference(to, `${pointer}/to`) }
  }

  function invariantDocument (node: unknown, pointer: string): unknown {
    if (!isKind(node, 'invariant')) return plain(node, pointer)
    const { upstreams: only, ...others } = node['options'] as Loose
    return { name: plain(node['name'], `${pointer}/name`), ...options(others, pointer, node), ...(only === undefined ? {} : { upstreams: list(only, `${pointer}/upstreams`, reference) }) }
  }

  function policyDocument (node: unknown, pointer: string): unknown {
    if (!isKind(node, 'policy')) return plain(node, pointer)
    mark(node, pointer)
    const name = String(node['name'])
    return { [name]: plain(node['options'], `${pointer}/${escapePointer(name)}`) }
  }

  /** The options of a node, its policies in normal form. */
  function options (given: unknown, pointer: string, node: Loose): Loose {
    mark(node, pointer)
    const { policies, ...others } = given as Loose
    const data = plain(others, pointer) as Loose
    return policies === undefined ? data : { ...data, policies: list(policies, `${pointer}/policies`, policyDocument) }
  }

  function list (items: unknown, pointer: string, each: (item: unknown, pointer: string) => unknown): unknown {
    return Array.isArray(items) ? items.map((item, index) => each(item, `${pointer}/${index}`) ?? null) : plain(items, pointer)
  }

  function record (members: unknown, pointer: string, each: (member: unknown, pointer: string) => unknown): unknown {
    if (typeof members !== 'object' || members === null || Array.isArray(members)) return plain(members, pointer)
    return Object.fromEntries(Object.entries(members).map(([key, member]) => [key, each(member, `${pointer}/${escapePointer(key)}`)]))
  }

  function reference (to: unknown, pointer: string): unknown { return nameOf(to) ?? plain(to, pointer) }

  /** Name of an upstream, which becomes part of the document; undefined for what is none. */
  function nameOf (node: unknown): string | undefined {
    if (!isKind(node, 'upstream')) return undefined
    const name = String(node['name'])
    const first = upstreams.get(name)
    if (first === undefined) upstreams.set(name, node)
    else if (first !== node && !seen.has(node)) conflicts.push({ name, first: placeOf(first), second: placeOf(node) })
    seen.add(node)
    return name
  }

  function mark (node: object, pointer: string): void {
    const place = placeOf(node)
    if (place !== undefined) places[pointer] = place
  }

  function plain (value: unknown, pointer: string): unknown {
    return plainData(value, pointer, unusable)
  }
}

function isKind (value: unknown, kind: string): value is Loose {
  return isNode(value) && (value as Loose)['kind'] === kind
}

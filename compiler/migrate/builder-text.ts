import type { GatewayDocument, GroupDocument, RouteDocument } from '../../schema/generated/gateway.ts'
import { CallText, dataText } from './call-text.ts'

type Loose = Readonly<Record<string, unknown>>

/** A document as the program of builder calls that gives it. */
export function builderText (document: GatewayDocument): string {
  const gwc = new Set(['defineGateway'])
  const policies = new Set<string>()
  const taken = new Set(['defineGateway', 'group', 'http', 'invariant', 'route', 'secret', 'tcp', 'upstream'])
  const names = new Map(Object.keys(document.upstreams ?? {}).map((name) => [name, identifier(name, taken)]))
  const text = new CallText((name) => gwc.add(name))

  const used = new Set<string>()
  const reference = (name: unknown): string => {
    used.add(String(name))
    return names.get(String(name)) ?? dataText(name)
  }
  const policy = (node: Loose): string => {
    const [name = '', options] = Object.entries(node)[0] ?? []
    const builder = camelCase(name)
    policies.add(builder)
    return text.call(builder, options === undefined || Object.keys(options as Loose).length === 0 ? [] : [text.data(options)])
  }
  const options = (node: Loose, others: Readonly<Record<string, (value: unknown) => string>> = {}): string => text.object(Object.entries(node).map(([key, value]) => {
    const printed = others[key]?.(value) ?? (key === 'policies' ? text.list((value as readonly Loose[]).map(policy)) : text.data(value))
    return [key, printed]
  }))
  const builder = (name: string, args: readonly string[]): string => {
    gwc.add(name)
    return text.call(name, args)
  }
  const listener = ({ protocol, ...rest }: Loose): string => builder(protocol === 'tcp' ? 'tcp' : 'http', [options(rest, {
    to: reference, sni: (entries) => text.list((entries as readonly Loose[]).map((entry) => options(entry, { to: reference })))
  })])
  const routeOrGroup = (node: RouteDocument | GroupDocument): string => {
    if ('routes' in node) {
      const { routes, ...rest } = node
      return builder('group', [options(rest as Loose), text.list(routes.map(routeOrGroup))])
    }
    const { match, ...rest } = node as RouteDocument
    return builder('route', [text.data(match), options(rest as unknown as Loose, { to: reference })])
  }

  const { $schema: _schema, name, listeners, upstreams = {}, routes, invariants, ...rest } = document as GatewayDocument & { readonly $schema?: string }
  const constants = Object.entries(upstreams).map(([key, node]) => `const ${names.get(key)!} = ${builder('upstream', [text.data(key), options(node as unknown as Loose)])}\n`)
  const listenersText = text.object(Object.entries(listeners).map(([key, node]) => [key, listener(node as unknown as Loose)]))
  const requests: (readonly [string, string])[] = [
    ['routes', text.list(routes.map(routeOrGroup))],
    ...invariants === undefined ? [] : [['invariants', text.list(invariants.map(({ name: what, ...rest }) => builder('invariant', [text.data(what), options(rest as unknown as Loose, { upstreams: (list) => text.list((list as readonly unknown[]).map(reference)) })])))] as const]
  ]
  const unused = Object.keys(upstreams).filter((key) => !used.has(key))
  const gateway = builder('defineGateway', [text.object([
    ...name === undefined ? [] : [['name', text.data(name)] as const],
    ...Object.entries(rest).map(([key, value]) => [key, text.data(value)] as const),
    ['listeners', listenersText],
    ...unused.length === 0 ? [] : [['upstreams', text.list(unused.map(reference))] as const],
    ...requests
  ])])
  return [
    `import { ${[...gwc].sort().join(', ')} } from 'gwc'`,
    ...policies.size === 0 ? [] : [`import { ${[...policies].sort().join(', ')} } from 'gwc/policies'`],
    '', ...constants.length === 0 ? [] : [constants.join('')],
    `export default ${gateway}\n`
  ].join('\n')
}

function camelCase (name: string): string {
  return name.replace(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? '')
}

const reserved = /^(?:break|case|catch|class|const|continue|debugger|default|delete|do|else|enum|export|extends|false|finally|for|function|if|import|in|instanceof|let|new|null|return|static|super|switch|this|throw|true|try|typeof|var|void|while|with|yield|await|arguments|eval)$/

/** A name for a constant, which is taken from then on. */
function identifier (name: string, taken: Set<string>): string {
  const camel = camelCase(name)
  const base = camel === '' || /^\d/.test(camel) || reserved.test(camel) || taken.has(camel) ? `${camel === '' || /^\d/.test(camel) ? 'upstream' : ''}${camel}${taken.has(camel) || reserved.test(camel) ? 'Upstream' : ''}` : camel
  let free = base
  for (let next = 2; taken.has(free); next++) free = `${base}${next}`
  taken.add(free)
  return free
}

import type { Side } from './side.ts'

/** A listener of one gateway and the one that takes its place in the other, by index; -1: there is none. */
export interface ListenerPair {
  /** As people know it now, or knew it. */
  readonly name: string
  readonly before: number
  readonly after: number
}

interface Addressed { readonly name: string, readonly address: string, readonly port: number }

/** Pairs the HTTP listeners of two gateways. */
export function pairListeners (before: Side, after: Side): readonly ListenerPair[] {
  return pairByAddress(before.bundle.listeners, after.bundle.listeners)
}

/** Pairs listeners by the address that clients connect to, then by name. A listener that is only renamed is the same to clients. */
export function pairByAddress (before: readonly Addressed[], after: readonly Addressed[]): readonly ListenerPair[] {
  const left = new Set(before.keys())
  const partners = new Map<number, number>()
  const take = (index: number, same: (other: Addressed) => boolean): void => {
    if (partners.has(index)) return
    const found = [...left].find((candidate) => same(before[candidate]!))
    if (found === undefined) return
    partners.set(index, found)
    left.delete(found)
  }
  for (const [index, { address, port }] of after.entries()) take(index, (other) => other.address === address && other.port === port)
  for (const [index, { name }] of after.entries()) take(index, (other) => other.name === name)
  return [
    ...after.map(({ name }, index) => ({ name, before: partners.get(index) ?? -1, after: index })),
    ...[...left].map((index) => ({ name: before[index]!.name, before: index, after: -1 }))
  ]
}

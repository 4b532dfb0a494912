import type { BundleListener } from '../../schema/bundle.ts'
import type { Side } from './side.ts'

/** A listener of one gateway and the one that takes its place in the other; -1: there is none. */
export interface ListenerPair {
  /** As people know it now, or knew it. */
  readonly name: string
  readonly before: number
  readonly after: number
}

/** Pairs listeners by the address that clients connect to, then by name. A listener that is only renamed is the same to clients. */
export function pairListeners ({ bundle: before }: Side, { bundle: after }: Side): readonly ListenerPair[] {
  const left = new Set(before.listeners.keys())
  const partners = new Map<number, number>()
  const take = (index: number, same: (other: BundleListener) => boolean): void => {
    if (partners.has(index)) return
    const found = [...left].find((candidate) => same(before.listeners[candidate]!))
    if (found === undefined) return
    partners.set(index, found)
    left.delete(found)
  }
  for (const [index, { address, port }] of after.listeners.entries()) take(index, (other) => other.address === address && other.port === port)
  for (const [index, { name }] of after.listeners.entries()) take(index, (other) => other.name === name)
  return [
    ...after.listeners.map(({ name }, index) => ({ name, before: partners.get(index) ?? -1, after: index })),
    ...[...left].map((index) => ({ name: before.listeners[index]!.name, before: index, after: -1 }))
  ]
}

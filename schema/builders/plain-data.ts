import { isNode } from './place.ts'

/** A value in a config that cannot be written as JSON. */
export interface UnusableValue {
  /** JSON pointer into the document. */
  readonly pointer: string
  /** What stands there: `a function`, `NaN`, `an upstream`. */
  readonly what: string
}

/** A copy of what can be written as JSON. Members that are undefined are left out; so are values that are no data, and those are added to `unusable`. */
export function plainData (value: unknown, pointer: string, unusable: UnusableValue[], around: readonly unknown[] = []): unknown {
  const what = whyUnusable(value, around)
  if (what !== undefined) {
    unusable.push({ pointer, what })
    return undefined
  }
  if (typeof value !== 'object' || value === null) return value
  const inside = [...around, value]
  if (Array.isArray(value)) return value.map((item, index) => plainData(item ?? null, `${pointer}/${index}`, unusable, inside) ?? null)
  const members = Object.entries(value).map(([key, member]) => [key, plainData(member, `${pointer}/${escapePointer(key)}`, unusable, inside)] as const)
  return Object.fromEntries(members.filter(([, member]) => member !== undefined))
}

/** One step of a JSON pointer (RFC 6901 §3). */
export function escapePointer (step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1')
}

function whyUnusable (value: unknown, around: readonly unknown[]): string | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return `a ${typeof value}`
  if (typeof value !== 'object' || value === null) return undefined
  if (isNode(value)) return `${/^[aeiou]/.test(kindOf(value)) ? 'an' : 'a'} ${kindOf(value)}`
  if (around.includes(value)) return 'an object that contains itself'
  const tag = Object.prototype.toString.call(value).slice(8, -1)
  return tag === 'Object' || tag === 'Array' ? undefined : `a ${tag}`
}

function kindOf (node: object): string {
  return String((node as { kind?: unknown }).kind)
}

import { scriptName } from './evaluation.ts'
import type { RawPosition } from './evaluation.ts'

const mostFrames = 10

/** The frames of a stack text that lie in the config, innermost first. */
export function framesOf (stack: string): RawPosition[] {
  const frames = [...stack.matchAll(new RegExp(`^ +at .*${scriptName}:(\\d+):(\\d+)\\)?$`, 'gm'))].map(([, line, column]) => ({ line: Number(line), column: Number(column) }))
  // An error that V8 found before anything ran has no frames, but a first line that says where.
  const head = frames.length > 0 ? null : new RegExp(`^${scriptName}:(\\d+)$`, 'm').exec(stack)
  return head === null ? frames.slice(0, mostFrames) : [{ line: Number(head[1]), column: 1 }]
}

/** What a thrown value says of itself. It comes from the config, so reading it may throw again. */
export function describeThrown (thrown: unknown): { readonly name: string, readonly message: string, readonly frames: RawPosition[] } {
  try {
    if (typeof thrown !== 'object' || thrown === null) return { name: 'a value', message: String(thrown), frames: [] }
    const { name, message, stack } = thrown as { name?: unknown, message?: unknown, stack?: unknown }
    return { name: `${name}`, message: `${message}`.slice(0, 2000), frames: framesOf(`${stack}`.slice(0, 100_000)) }
  } catch {
    return { name: 'a value', message: 'an object that cannot be read', frames: [] }
  }
}

/** What a config exported in place of a gateway, in a few words. */
export function describeValue (value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value !== 'object') return `a ${typeof value}`
  try {
    return typeof (value as { then?: unknown }).then === 'function' ? 'a promise' : 'an object that defineGateway did not make'
  } catch {
    return 'an object that cannot be read'
  }
}

import type { Impurity } from './evaluation.ts'

/** What a config did in its realm besides returning a value. Stacks are texts of V8. */
export interface Realm {
  readonly impure: { readonly what: Impurity, readonly api: string, readonly stack: string }[]
  readonly logs: { readonly text: string, readonly stack: string }[]
}

/**
 * Makes a fresh realm deterministic. Its TEXT is evaluated inside the realm of the config, so it may refer to nothing outside its own body
 * and leaves nothing of our realm behind. What cannot be made deterministic is reported with a stack and answers with a constant,
 * so that one run finds every use; what has no harmless constant does not exist.
 */
export function prepareRealm (): Realm {
  const RealDate = Date
  const capture = Error.captureStackTrace
  const RealError = Error
  const stringify = JSON.stringify
  const impure: { what: Impurity, api: string, stack: string }[] = []
  const logs: { text: string, stack: string }[] = []
  const mostFindings = 100

  const stackOf = (below: (...args: never[]) => unknown): string => {
    const holder: { stack?: string } = {}
    const limit = RealError.stackTraceLimit
    RealError.stackTraceLimit = 20
    capture(holder, below)
    RealError.stackTraceLimit = limit
    return `${holder.stack}`
  }
  const report = (what: Impurity, api: string, trap: (...args: never[]) => unknown): void => {
    if (impure.length >= mostFindings) throw new RealError(`${api} is not available`)
    impure[impure.length] = { what, api, stack: stackOf(trap) }
  }
  const define = (owner: object, name: string, value: unknown): void => {
    Object.defineProperty(owner, name, { value, writable: true, enumerable: false, configurable: true })
  }

  function SafeDate (this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) {
      report('clock', 'Date()', SafeDate)
      return new RealDate(0).toString()
    }
    if (args.length === 0) {
      report('clock', 'new Date()', SafeDate)
      return Reflect.construct(RealDate, [0], new.target)
    }
    return Reflect.construct(RealDate, args, new.target)
  }
  const now = (): number => {
    report('clock', 'Date.now()', now)
    return 0
  }
  const random = (): number => {
    report('randomness', 'Math.random()', random)
    return 0.5
  }
  define(SafeDate, 'name', 'Date')
  define(SafeDate, 'length', 7)
  define(SafeDate, 'now', now)
  define(SafeDate, 'parse', RealDate.parse)
  define(SafeDate, 'UTC', RealDate.UTC)
  Object.defineProperty(SafeDate, 'prototype', { value: RealDate.prototype, writable: false })
  define(RealDate.prototype, 'constructor', SafeDate)
  define(globalThis, 'Date', SafeDate)
  define(Math, 'random', random)

  // With a locale these are functions of their arguments; without one, of the machine.
  const localised: [object, string, number][] = [
    [RealDate.prototype, 'toLocaleString', 0], [RealDate.prototype, 'toLocaleDateString', 0], [RealDate.prototype, 'toLocaleTimeString', 0],
    [Number.prototype, 'toLocaleString', 0], [BigInt.prototype, 'toLocaleString', 0], [Array.prototype, 'toLocaleString', 0],
    [String.prototype, 'localeCompare', 1], [String.prototype, 'toLocaleLowerCase', 0], [String.prototype, 'toLocaleUpperCase', 0]
  ]
  for (const [owner, name, at] of localised) {
    const real = Reflect.get(owner, name) as (...args: unknown[]) => unknown
    const trap = function (this: unknown, ...args: unknown[]): unknown {
      if (args[at] === undefined) {
        report('locale', `${name}()`, trap)
        args[at] = 'en-US'
      }
      return Reflect.apply(real, this, args)
    }
    define(owner, name, trap)
  }
  // Observers of garbage collection and of other threads, and compilers, have no place in a config.
  for (const name of ['Intl', 'Temporal', 'WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'Atomics', 'WebAssembly', 'escape', 'unescape']) Reflect.deleteProperty(globalThis, name)

  const print = (value: unknown): string => {
    if (typeof value === 'string') return value
    try {
      return typeof value === 'object' && value !== null && !(value instanceof RealError) ? stringify(value) : String(value)
    } catch {
      return Object.prototype.toString.call(value)
    }
  }
  const log = (...values: unknown[]): void => {
    if (logs.length < mostFindings) logs[logs.length] = { text: values.map(print).join(' ').slice(0, 10_000), stack: stackOf(log) }
  }
  define(globalThis, 'console', { log, info: log, warn: log, error: log, debug: log })
  return { impure, logs }
}

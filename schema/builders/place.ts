/** Where a builder was called: a position in the evaluated script, before source maps. Both are 1-based, columns in UTF-16 units. */
export interface RawPlace {
  /** File name of the frame as the engine reports it: the name of the evaluated script, or a `file:` URL. */
  readonly script: string
  readonly line: number
  readonly column: number
}

/** One captured call: the engine formats `stack` only when it is read. */
interface Trace { readonly stack?: string }

const captured = new WeakMap<object, Trace>()
const frames = 8
let script: string | undefined

/**
 * Decides which stack frame is the user's: the innermost one in a script of this name. Without a name (the default) it is the innermost
 * frame that has a position and lies outside Node itself. The host that evaluates a config calls this once, with the name it gives the script.
 */
export function setConfigScript (name: string | undefined): void {
  script = name
}

/** Remembers for `node` who called `builder`. Costs some microseconds: the frames are taken now and read by `placeOf`. */
export function recordPlace<Node extends object> (node: Node, builder: (...args: never[]) => unknown): Node {
  captured.set(node, trace(builder))
  return node
}

/** The position of the call that made `node`; undefined for what no builder made. */
export function placeOf (node: object): RawPlace | undefined {
  const found = captured.get(node)
  return found === undefined ? undefined : parseTrace(found.stack ?? '')
}

/** Whether a builder made this value. */
export function isNode (value: unknown): value is object {
  return typeof value === 'object' && value !== null && captured.has(value)
}

/** The position of the call of `builder` that is running. */
export function currentPlace (builder: (...args: never[]) => unknown): RawPlace | undefined {
  return parseTrace(trace(builder).stack ?? '')
}

function trace (builder: (...args: never[]) => unknown): Trace {
  const limit = Error.stackTraceLimit
  const holder: Trace = {}
  Error.stackTraceLimit = frames
  Error.captureStackTrace(holder, builder)
  Error.stackTraceLimit = limit
  return holder
}

function parseTrace (stack: string): RawPlace | undefined {
  for (const frame of stack.split('\n')) {
    const match = /^\s+at (?:.* \()?(.+):(\d+):(\d+)\)?$/.exec(frame)
    const [, name = '', line, column] = match ?? []
    if (match === null || (script === undefined ? name.startsWith('node:') : name !== script)) continue
    return { script: name, line: Number(line), column: Number(column) }
  }
  return undefined
}

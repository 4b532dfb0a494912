/**
 * A list of values as one run of JSON bytes: it passes between threads without being copied, and each value is parsed when it is asked for.
 * Ten thousand routes as objects would stop the event loop for as long as it takes to make them.
 */
export interface Slices {
  readonly bytes: Uint8Array
  /** Where each value ends in `bytes`. */
  readonly ends: Uint32Array
}

export function toSlices (values: readonly unknown[]): Slices {
  const parts = values.map((value) => JSON.stringify(value))
  const ends = new Uint32Array(parts.length)
  let end = 0
  for (let i = 0; i < parts.length; i++) ends[i] = end += Buffer.byteLength(parts[i]!)
  // An array buffer of its own, never a part of Node's pool: only such can be transferred.
  const bytes = new Uint8Array(end)
  for (let i = 0; i < parts.length; i++) Buffer.from(bytes.buffer, i === 0 ? 0 : ends[i - 1]!).write(parts[i]!)
  return { bytes, ends }
}

/** The value at an index; a new object each time. */
export function sliceAt ({ bytes, ends }: Slices, index: number): unknown {
  const start = index === 0 ? 0 : ends[index - 1]!
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, ends[index]! - start).toString())
}

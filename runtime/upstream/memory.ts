/** Room for a message of two staged halves, and for parts of bodies that would waste a large one. */
export const mediumSize = 33 * 1024
/** Octets read at once while a large body passes. */
export const largeSize = 128 * 1024

/** Memory that nobody uses, by its size. */
const free = new Map<number, ArrayBuffer[]>([[mediumSize, []], [largeSize, []]])
const mostFree = 64
const ours = new WeakSet<ArrayBufferLike>()

/** Bytes of no particular content. Whoever is done with them, or with a part of them, calls `giveBack`. */
export function takeMemory (size: typeof mediumSize | typeof largeSize): Buffer {
  let memory = free.get(size)!.pop()
  if (memory === undefined) {
    memory = Buffer.allocUnsafeSlow(size).buffer as ArrayBuffer
    ours.add(memory)
  }
  return Buffer.from(memory)
}

/** Takes back memory, once, when nothing reads it any more. Other bytes are left to the garbage collector. */
export function giveBack (part: Buffer): void {
  const memory = part.buffer as ArrayBuffer
  if (!ours.has(memory)) return
  const unused = free.get(memory.byteLength)!
  if (unused.length < mostFree) unused.push(memory)
}

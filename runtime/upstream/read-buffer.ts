/** All connections read into this buffer: what is read is used up, or copied, before the next read of any of them. */
const shared: Buffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Octets read at once while a large body passes. Such buffers go on to the client as they are, and come back when it has taken them. */
const largeSize = 128 * 1024
/** For copies of smaller parts. */
const mediumSize = 32 * 1024

/** Parts that are smaller than a quarter of a buffer are not worth one: a slow client shall hold little more than it has been sent. */
const worth = 4

/** Memory that nobody uses, by its size. */
const free = new Map<number, ArrayBuffer[]>([[mediumSize, []], [largeSize, []]])
const mostFree = 64
const ours = new WeakSet<ArrayBufferLike>()

/** Where one connection reads to. */
export class ReadBuffer {
  #current = shared
  #taken = false
  #large = false

  /** The buffer of the next read. `body`: within a response body. */
  next (body: boolean): Buffer {
    if (!body) this.#large = false
    if (this.#taken || this.#large !== (this.#current !== shared)) {
      if (!this.#taken && this.#current !== shared) giveBack(this.#current)
      this.#current = this.#large ? take(largeSize) : shared
      this.#taken = false
    }
    return this.#current
  }

  /** The part as bytes that stay valid after this read. Whoever is done with them calls `giveBack`. */
  keep (bytes: Buffer, start: number, end: number): Buffer {
    const part = bytes.subarray(start, end)
    if (end - start < largeSize / worth) return copyOf(part)
    this.#large = true
    if (bytes === shared) return copyOf(part)
    if (bytes !== this.#current) return part
    // One part at most goes with the buffer: whoever has it gives it back, perhaps at once. Then a copy may land in the same memory,
    // which harms nothing: it goes to the front, and what is still to be looked at lies behind the part that is copied.
    if (this.#taken) return copyOf(part)
    this.#taken = true
    return part
  }
}

function copyOf (part: Buffer): Buffer {
  if (part.length < mediumSize / worth) return Buffer.from(part)
  const copy = take(part.length <= mediumSize ? mediumSize : largeSize).subarray(0, part.length)
  copy.set(part)
  return copy
}

/** Takes back a part that `keep` gave, once, when nothing reads it any more. Other bytes are left to the garbage collector. */
export function giveBack (part: Buffer): void {
  const memory = part.buffer as ArrayBuffer
  if (!ours.has(memory)) return
  const unused = free.get(memory.byteLength)!
  if (unused.length < mostFree) unused.push(memory)
}

function take (size: number): Buffer {
  let memory = free.get(size)!.pop()
  if (memory === undefined) {
    memory = Buffer.allocUnsafeSlow(size).buffer as ArrayBuffer
    ours.add(memory)
  }
  return Buffer.from(memory)
}

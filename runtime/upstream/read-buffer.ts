import { giveBack, largeSize, mediumSize, takeMemory } from './memory.ts'

/** All connections read into this buffer: what is read is used up, or copied, before the next read of any of them. */
const shared: Buffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Parts that are smaller than a quarter of a buffer are not worth one: a slow client shall hold little more than it has been sent. */
const worth = 4

/** Where one connection reads to: what all share, or, while a large body passes, buffers that go on to the other side as they are. */
export class ReadBuffer {
  #current = shared
  #taken = false
  #large = false

  /** The buffer of the next read. `body`: within the body of a message. */
  next (body: boolean): Buffer {
    if (!body) this.#large = false
    if (this.#taken || this.#large !== (this.#current !== shared)) {
      if (!this.#taken && this.#current !== shared) giveBack(this.#current)
      this.#current = this.#large ? takeMemory(largeSize) : shared
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
  const copy = takeMemory(part.length <= mediumSize ? mediumSize : largeSize).subarray(0, part.length)
  copy.set(part)
  return copy
}

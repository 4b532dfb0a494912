/** All connections read into this buffer: what is read is used up, or copied, before the next read of any of them. */
const shared: Buffer = Buffer.allocUnsafeSlow(64 * 1024)

/** Octets read at once while a large body passes. Such buffers go on to the client as they are, and come back when it has taken them. */
const largeSize = 128 * 1024

/** From this size on a part is worth its buffer; smaller ones are copied, so that a slow client holds little more than it has been sent. */
const worthKeeping = largeSize / 4

/** Large buffers that nobody uses. */
const free: ArrayBuffer[] = []
const mostFree = 64
const large = new WeakSet<ArrayBufferLike>()

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
      this.#current = this.#large ? takeLarge() : shared
      this.#taken = false
    }
    return this.#current
  }

  /** The part as bytes that stay valid after this read. Whoever is done with them calls `giveBack`. */
  keep (bytes: Buffer, start: number, end: number): Buffer {
    const part = bytes.subarray(start, end)
    if (end - start < worthKeeping) return Buffer.from(part)
    this.#large = true
    if (bytes === shared) return copied(part)
    if (bytes !== this.#current) return part
    // One part at most goes with the buffer: whoever has it gives it back.
    if (this.#taken) return copied(part)
    this.#taken = true
    return part
  }
}

function copied (part: Buffer): Buffer {
  const copy = takeLarge().subarray(0, part.length)
  copy.set(part)
  return copy
}

/** Takes back a part that `keep` gave, once, when nothing reads it any more. Parts that are copies are left to the garbage collector. */
export function giveBack (part: Buffer): void {
  const memory = part.buffer as ArrayBuffer
  if (large.has(memory) && free.length < mostFree) free.push(memory)
}

function takeLarge (): Buffer {
  let memory = free.pop()
  if (memory === undefined) {
    memory = Buffer.allocUnsafeSlow(largeSize).buffer as ArrayBuffer
    large.add(memory)
  }
  return Buffer.from(memory)
}

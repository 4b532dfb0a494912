import { maxResponseHead } from './response-head.ts'
import type { ResponseHead } from './response-head.ts'

const nothing: Buffer = Buffer.alloc(0)

/**
 * A response head that may come in several reads. What came in one read is parsed where it lies. What is incomplete is copied aside, and parsed
 * again only when an empty line has come, so that a head that drips in costs no more than its length.
 */
export class PendingHead {
  #bytes = nothing
  #start = 0
  #end = 0
  #copied = false
  #searched = 0

  /** Where the bytes end that `parse` looks at. */
  get end (): number { return this.#end }

  get empty (): boolean { return this.#end === this.#start }

  /** Adds what was read. */
  add (bytes: Buffer, from: number, to: number): void {
    if (!this.#copied) {
      this.#bytes = bytes
      this.#start = from
      this.#end = to
      return
    }
    const length = this.#end + to - from
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, this.#end)
      this.#bytes = larger
    }
    bytes.copy(this.#bytes, this.#end, from, to)
    this.#end = length
  }

  parse (head: ResponseHead): 'complete' | 'incomplete' | 'invalid' {
    if (this.#copied) {
      const found = this.#bytes.subarray(0, this.#end).indexOf('\r\n\r\n', Math.max(0, this.#searched - 3))
      this.#searched = this.#end
      if (found < 0 && this.#end <= maxResponseHead) return 'incomplete'
    }
    const parsed = head.parse(this.#bytes, this.#start, this.#end)
    if (parsed === 'complete' && head.end - head.start <= maxResponseHead) return parsed
    if (parsed !== 'incomplete' || this.#end - this.#start > maxResponseHead) {
      if (parsed !== 'invalid') head.fault = 'response head too large'
      return 'invalid'
    }
    if (!this.#copied) {
      this.#bytes = Buffer.from(this.#bytes.subarray(this.#start, this.#end))
      this.#end -= this.#start
      this.#start = 0
      this.#searched = this.#end
      this.#copied = true
    }
    return 'incomplete'
  }

  clear (): void {
    this.#bytes = nothing
    this.#start = this.#end = this.#searched = 0
    this.#copied = false
  }
}

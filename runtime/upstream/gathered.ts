/** Texts (latin1) and bytes that leave in one write. */
export class Gathered {
  /** As the system takes them: each with its encoding after it. */
  readonly parts: (string | Buffer)[] = []
  /** In octets. */
  size = 0
  readonly #owners: (() => void)[] = []

  text (text: string): void {
    const last = this.parts.length - 2
    if (typeof this.parts[last] === 'string') this.parts[last] += text
    else this.parts.push(text, 'latin1')
    this.size += text.length
  }

  /** Bytes that stay as they are until `done`. */
  bytes (bytes: Buffer, done: () => void): void {
    this.parts.push(bytes, 'buffer')
    this.#owners.push(done)
    this.size += bytes.length
  }

  /** Nobody looks at the bytes any more. */
  readonly done = (): void => { for (const done of this.#owners) done() }
}

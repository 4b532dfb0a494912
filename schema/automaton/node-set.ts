/** Gives each set of trie nodes (ascending) a number: equal sets, equal numbers. The empty set is 0. */
export class NodeSets {
  #pool = new Int32Array(1 << 12)
  #ends: number[] = [0]
  #hashes: number[] = [0]
  #table = new Int32Array(1 << 10).fill(-1)

  get size (): number {
    return this.#ends.length
  }

  /** The number of the set in `nodes[0, length)`. */
  intern (nodes: readonly number[] | Int32Array, length: number): number {
    if (length === 0) return 0
    let hash = length
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ nodes[i]!, 0x9e3779b1) ^ (hash >>> 15)
    hash ^= hash >>> 13
    const mask = this.#table.length - 1
    let slot = hash & mask
    for (let found = this.#table[slot]!; found >= 0; found = this.#table[slot]!) {
      if (this.#hashes[found] === hash && this.#equals(found, nodes, length)) return found
      slot = (slot + 1) & mask
    }
    const index = this.#add(nodes, length, hash)
    this.#table[slot] = index
    if (this.#ends.length * 2 > this.#table.length) this.#rehash()
    return index
  }

  /** The nodes of a set; a view, valid until the next `intern`. */
  nodes (index: number): Int32Array {
    return this.#pool.subarray(index === 0 ? 0 : this.#ends[index - 1]!, this.#ends[index]!)
  }

  #equals (index: number, nodes: readonly number[] | Int32Array, length: number): boolean {
    const start = this.#ends[index - 1]!
    if (this.#ends[index]! - start !== length) return false
    for (let i = 0; i < length; i++) if (this.#pool[start + i] !== nodes[i]) return false
    return true
  }

  #add (nodes: readonly number[] | Int32Array, length: number, hash: number): number {
    const start = this.#ends.at(-1)!
    if (start + length > this.#pool.length) {
      const larger = new Int32Array(Math.max(this.#pool.length * 2, start + length))
      larger.set(this.#pool)
      this.#pool = larger
    }
    for (let i = 0; i < length; i++) this.#pool[start + i] = nodes[i]!
    this.#hashes.push(hash)
    return this.#ends.push(start + length) - 1
  }

  #rehash (): void {
    this.#table = new Int32Array(this.#table.length * 2).fill(-1)
    const mask = this.#table.length - 1
    for (let index = 1; index < this.#ends.length; index++) {
      let slot = this.#hashes[index]! & mask
      while (this.#table[slot]! >= 0) slot = (slot + 1) & mask
      this.#table[slot] = index
    }
  }
}

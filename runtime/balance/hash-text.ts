/** A hash of 32 bits, well mixed: FNV-1a over the code units with the finish of MurmurHash3. The same in every process and on every machine. */
export function hashText (text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  }
  return mix(hash ^ text.length)
}

/** Spreads the bits of a number over all of its bits. */
export function mix (hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

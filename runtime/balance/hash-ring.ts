import type { ResolvedTarget } from '../../schema/resolved.ts'
import { endpointId } from '../upstream/endpoint.ts'
import { hashText, mix } from './hash-text.ts'

/** Points of a target of average weight, for up to 128 targets; beyond that the points of all together are bounded. */
const pointsPerTarget = 1024
const maxPoints = 128 * pointsPerTarget

/**
 * A consistent hash (Karger et al.): targets own arcs of a ring in proportion to their weights, a key belongs to the owner of the place
 * that it hashes to. One target more or less moves only the keys that it gains or loses. Immutable, and the same in every process.
 */
export interface HashRing {
  /** Position of a hash on the ring. */
  locate (hash: number): number
  /** Index of the target that owns the position; positions wrap around. */
  owner (position: number): number
  readonly size: number
}

/** Takes tens of milliseconds for a hundred targets: made while a bundle is prepared. Targets of weight zero own nothing. */
export function createHashRing (targets: readonly ResolvedTarget[]): HashRing {
  const total = targets.reduce((sum, { weight }) => sum + weight, 0)
  const live = targets.filter(({ weight }) => weight > 0).length
  const points = Math.min(maxPoints, live * pointsPerTarget)
  const counts = targets.map(({ weight }) => (weight === 0 ? 0 : Math.max(1, Math.round(points * weight / total))))
  const size = counts.reduce((sum, count) => sum + count, 0)
  // Hash and owner in one number, so that a typed array sorts them: 32 bits of hash over 20 bits of owner fit a double.
  const merged = new Float64Array(size)
  let at = 0
  for (const [index, target] of targets.entries()) {
    const seed = hashText(endpointId(target))
    for (let point = 0; point < counts[index]!; point++) merged[at++] = mix(seed ^ Math.imul(point + 1, 0x9e3779b1)) * 0x100000 + index
  }
  merged.sort()
  const hashes = Uint32Array.from(merged, (value) => Math.floor(value / 0x100000))
  const owners = targets.length <= 0x10000 ? new Uint16Array(size) : new Uint32Array(size)
  for (let i = 0; i < size; i++) owners[i] = merged[i]! % 0x100000
  // Where each slice of the ring begins: hashes are even, so that a slice is a handful of points.
  const bits = Math.max(1, Math.min(16, Math.floor(Math.log2(size + 1))))
  const slices = new Uint32Array(2 ** bits + 1)
  for (let i = 0, slice = 0; slice < slices.length; slice++) {
    while (i < size && hashes[i]! < slice * 2 ** (32 - bits)) i++
    slices[slice] = i
  }
  return {
    size,
    locate (hash) {
      let position = slices[hash >>> (32 - bits)]!
      while (position < size && hashes[position]! < hash) position++
      return position === size ? 0 : position
    },
    owner: (position) => owners[position < size ? position : position % size]!
  }
}

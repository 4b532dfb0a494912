/** A number and a unit: `512B`, `60KiB`, `10MiB`. */
export type Bytes = `${number}${'B' | 'KiB' | 'MiB' | 'GiB'}`

const units = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const

/** Bytes of a size that has passed validation; NaN for anything else. */
export function byteCount (text: string): number {
  const match = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/.exec(text)
  return match === null ? NaN : Math.floor(Number(match[1]) * units[match[2] as keyof typeof units])
}

/** A number and a unit: `250ms`, `1.5s`, `10m`, `1h`, `1d`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds of a duration that has passed validation; NaN for anything else. */
export function milliseconds (text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  return match === null ? NaN : Number(match[1]) * units[match[2] as keyof typeof units]
}

/** The shortest exact spelling: 60000 → `1m`. */
export function printDuration (ms: number): string {
  for (const unit of ['d', 'h', 'm', 's'] as const) if (ms >= units[unit] && ms % units[unit] === 0) return `${ms / units[unit]}${unit}`
  return `${ms}ms`
}

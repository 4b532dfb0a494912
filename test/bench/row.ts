/** One measured figure. `npm run bench -- … --json FILE` writes a list of these. */
export interface BenchRow {
  readonly bench: string
  /** What was done: `100 routes`, `small GET`. */
  readonly scenario: string
  /** Who did it: `gwc`, `nginx`. */
  readonly subject: string
  readonly metric: string
  readonly value: number
  readonly unit: string
}

import fc from 'fast-check'
import type { Parameters } from 'fast-check'

/**
 * How often a fuzz test runs: `usual` in the tests, `FUZZ_RUNS` times (from `FUZZ_SEED`) by hand. `seed`: of the tests, where what is looked for
 * is an opinion, of which there may be one more.
 */
export function fuzzRuns<Value> (usual: number, seed?: number): Parameters<Value> {
  const { FUZZ_RUNS, FUZZ_SEED } = process.env
  return { numRuns: Number(FUZZ_RUNS ?? usual), includeErrorInReport: true, ...FUZZ_SEED !== undefined ? { seed: Number(FUZZ_SEED) } : FUZZ_RUNS === undefined && seed !== undefined ? { seed } : {} }
}

/** What ends the lines of a message: seldom anything but CRLF. */
export const lineEnd = fc.constantFrom('\r\n', '\r\n', '\r\n', '\r\n', '\r\n', '\n', '\r')

/** One octet that is replaced, taken out or put in. */
export const change = fc.option(fc.record({
  at: fc.nat(200), kind: fc.constantFrom('replace', 'remove', 'insert'), octet: fc.constantFrom('\0', ' ', '\t', '\r', '\n', ':', 'x', '\x7f', '\x80', ',', '/')
}), { freq: 2 })

export function changed (text: string, what: typeof change extends fc.Arbitrary<infer T> ? T : never): string {
  if (what === null) return text
  const at = what.at % text.length
  return text.slice(0, at) + (what.kind === 'remove' ? '' : what.octet) + text.slice(what.kind === 'insert' ? at : at + 1)
}

/** The text in the pieces in which it is sent. */
export function piecesAt (text: string, cuts: readonly number[]): readonly string[] {
  const pieces: string[] = []
  let from = 0
  for (const cut of [...cuts.filter((at) => at < text.length).sort((a, b) => a - b), text.length]) {
    if (cut > from) pieces.push(text.slice(from, cut))
    from = cut
  }
  return pieces
}

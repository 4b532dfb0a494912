import type { CharSet } from './char-set.ts'

/** A regular expression of the linear class: what a finite automaton decides in one pass over the text. */
export type Expression =
  | { readonly kind: 'chars', readonly set: CharSet }
  | { readonly kind: 'sequence', readonly parts: readonly Expression[] }
  | { readonly kind: 'choice', readonly options: readonly Expression[] }
  | { readonly kind: 'repeat', readonly part: Expression, readonly min: number, readonly max: number }

/** Matches the empty text only. */
export const nothing: Expression = { kind: 'sequence', parts: [] }

/** Matches exactly this text. */
export function literal (text: string): Expression {
  return { kind: 'sequence', parts: Array.from(text, (char) => ({ kind: 'chars', set: [char.codePointAt(0)!, char.codePointAt(0)!] })) }
}

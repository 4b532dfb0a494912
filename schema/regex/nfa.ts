import type { CharSet } from './char-set.ts'
import type { Expression } from './expression.ts'

/** A nondeterministic automaton with labelled ends (Thompson's construction). A state either reads a character, or goes on without reading. */
export interface Nfa {
  readonly starts: readonly number[]
  /** Per state: the characters it reads to go on to its only successor; null reads nothing. */
  readonly reads: readonly (CharSet | null)[]
  readonly successors: readonly (readonly number[])[]
  /** Per state: the index of the expression that ends here, or -1. */
  readonly labels: readonly number[]
}

/** One automaton for all expressions, labelled by their index; undefined when it takes more than `limit` states. */
export function buildNfa (expressions: readonly Expression[], limit: number): Nfa | undefined {
  const reads: (CharSet | null)[] = []
  const successors: number[][] = []
  const labels: number[] = []

  const add = (set: CharSet | null, to: number[]): number => {
    if (reads.length >= limit) throw new LimitReached()
    labels.push(-1)
    successors.push(to)
    return reads.push(set) - 1
  }

  // Built from the end: returns the state from which `expression` leads to `end`.
  const before = (expression: Expression, end: number): number => {
    switch (expression.kind) {
      case 'chars': return add(expression.set, [end])
      case 'sequence': return expression.parts.reduceRight((next, part) => before(part, next), end)
      case 'choice': return add(null, expression.options.map((option) => before(option, end)))
      case 'repeat': {
        let next = end
        if (expression.max === Infinity) {
          const loop = add(null, [end])
          successors[loop]!.push(before(expression.part, loop))
          next = loop
        } else {
          for (let i = expression.min; i < expression.max; i++) next = add(null, [before(expression.part, next), end])
        }
        for (let i = 0; i < expression.min; i++) next = before(expression.part, next)
        return next
      }
    }
  }

  try {
    const starts = expressions.map((expression, label) => {
      const end = add(null, [])
      labels[end] = label
      return before(expression, end)
    })
    return { starts, reads, successors, labels }
  } catch (error) {
    if (error instanceof LimitReached) return undefined
    throw error
  }
}

class LimitReached extends Error {}

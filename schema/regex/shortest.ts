import { classOf } from './alphabet.ts'
import type { Dfa } from './dfa.ts'

/** An automaton and the accept classes that count as success. */
export interface Goal {
  readonly dfa: Dfa
  accepts (acceptClass: number): boolean
}

const friendly = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.~'

/** Printable ASCII, the most readable first. */
export const printable: readonly string[] = [...new Set([...friendly, ...Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i))])]

/**
 * A shortest text that meets all goals and is none of the excluded ones, of at least one character if there is such a text; undefined when there is
 * none. Breadth-first over the product of the automata and the trie of excluded texts, so the answer is exact for texts over `characters`.
 */
export function shortestText (goals: readonly Goal[], excluded: readonly string[], characters: readonly string[] = alphabetFor(goals, excluded)): string | undefined {
  const trie = excludedTrie(excluded)
  const isGoal = (states: readonly number[], node: number): boolean => goals.every(({ dfa, accepts }, i) => accepts(dfa.accept[states[i]!]!)) && !trie[node]!.ends
  const start = { states: goals.map(() => 0), node: 0, text: '' }
  const queue = [start]
  const seen = new Set<string>()
  for (const { states, node, text } of queue) {
    for (const char of characters) {
      const next = goals.map(({ dfa }, i) => dfa.next[states[i]! * dfa.alphabet.size + classOf(dfa.alphabet, char.codePointAt(0)!)]!)
      const nextNode = trie[node]!.children.get(char) ?? outside
      const key = `${next.join()} ${nextNode}`
      if (seen.has(key)) continue
      seen.add(key)
      if (isGoal(next, nextNode)) return text + char
      queue.push({ states: next, node: nextNode, text: text + char })
    }
  }
  return isGoal(start.states, 0) ? '' : undefined
}

interface ExcludedNode { readonly children: Map<string, number>, ends: boolean }

/** The node of all texts that are no prefix of an excluded one. */
const outside = 1

function excludedTrie (excluded: readonly string[]): readonly ExcludedNode[] {
  const nodes: ExcludedNode[] = [{ children: new Map(), ends: false }, { children: new Map(), ends: false }]
  for (const text of excluded) {
    let at = 0
    for (const char of text) {
      let child = nodes[at]!.children.get(char)
      if (child === undefined) {
        child = nodes.push({ children: new Map(), ends: false }) - 1
        nodes[at]!.children.set(char, child)
      }
      at = child
    }
    nodes[at]!.ends = true
  }
  return nodes
}

/** Printable characters, those of the excluded texts, and enough of each further class to leave any excluded text. */
function alphabetFor (goals: readonly Goal[], excluded: readonly string[]): readonly string[] {
  const own = new Set([...excluded.join('')])
  const found = new Set(printable)
  for (const { dfa: { alphabet } } of goals) {
    const needed = new Map<number, number>()
    const take = (first: number, last: number, index: number): void => {
      for (let char = first; char <= last; char++) {
        const missing = needed.get(index) ?? 1
        if (missing === 0) return
        const text = String.fromCodePoint(char)
        found.add(text)
        if (!own.has(text)) needed.set(index, missing - 1)
      }
    }
    for (let char = 0; char < 256; char++) if (char < 0x20 || char > 0x7e) take(char, char, alphabet.narrow[char]!)
    for (let i = 0; i < alphabet.wide.length; i += 3) take(alphabet.wide[i]!, alphabet.wide[i + 1]!, alphabet.wide[i + 2]!)
  }
  return [...found, ...own].filter((char, i, all) => all.indexOf(char) === i)
}

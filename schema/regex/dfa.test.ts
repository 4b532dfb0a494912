import test from 'ava'
import fc from 'fast-check'
import { determinise, isTooLarge, runDfa, type Dfa } from './dfa.ts'
import { isRegexError, parseRegex } from './parse.ts'
import { shortestText } from './shortest.ts'

const { source: sourceArb } = fc.letrec<{ source: string, term: string, atom: string }>((tie) => ({
  source: fc.array(tie('term'), { minLength: 1, maxLength: 3 }).map((terms) => terms.join('')),
  term: fc.tuple(tie('atom'), fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,2}', '{1,3}', '{2,}', '{0}', '*?', '+?')).map(([atom, quantifier]) => atom + quantifier),
  atom: fc.oneof(
    { maxDepth: 1, withCrossShrink: true },
    fc.constantFrom('a', 'b', 'é', '😀', '.', '\\d', '\\D', '\\w', '\\s', '\\S', '[ab]', '[^a]', '[a-c1]', '[^\\w]', '[à-ü😀]', '\\.', '\\u{61}', '[]', '[^]'),
    fc.tuple(tie('source'), tie('source')).map(([a, b]) => `(?:${a}|${b})`),
    tie('source').map((a) => `(${a})`),
    tie('source').map((a) => `(?:${a}|)`)
  )
}))
const textArb = fc.array(fc.constantFrom('a', 'b', 'c', '1', 'é', '😀', ' ', '\n', '.', '-'), { maxLength: 6 }).map((chars) => chars.join(''))

function automaton (...sources: readonly string[]): Dfa {
  const dfa = determinise(sources.map((source) => {
    const expression = parseRegex(source)
    if (isRegexError(expression)) throw new Error(`${source}: ${expression.message}`)
    return expression
  }))
  fc.pre(!isTooLarge(dfa))
  return dfa
}

const matches = (source: string, text: string): boolean => new RegExp(`^(?:${source})$`, 'u').test(text)

test('an automaton accepts what JavaScript accepts, for each of several expressions', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.array(sourceArb, { minLength: 1, maxLength: 3 }), fc.array(textArb, { maxLength: 20 }), (sources, texts) => {
    const dfa = automaton(...sources)
    for (const text of texts) {
      const expected = sources.flatMap((source, i) => (matches(source, text) ? [i] : []))
      const found = dfa.accepts[runDfa(dfa, text)]!
      if (found.join() !== expected.join()) throw new Error(`${JSON.stringify(text)}: ${found.join()} instead of ${expected.join()}`)
    }
  }), { numRuns: 500 }))
})

test('every class that an automaton tells apart has a shortest text, and it can be told to avoid some', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.array(sourceArb, { minLength: 1, maxLength: 3 }), (sources) => {
    const dfa = automaton(...sources)
    for (const acceptClass of new Set(dfa.accept)) {
      const goal = { dfa, accepts: (found: number) => found === acceptClass }
      const first = shortestText([goal], [])
      if (first === undefined || runDfa(dfa, first) !== acceptClass) throw new Error(`class ${acceptClass} of ${sources.join(' ')}: ${first}`)
      const second = shortestText([goal], [first])
      if (second !== undefined && (second === first || runDfa(dfa, second) !== acceptClass)) throw new Error(`${first} is avoided by ${second}`)
    }
  }), { numRuns: 300 }))
  const words = automaton('yes|no|[ä-ö]')
  const goal = { dfa: words, accepts: (found: number) => found !== 0 }
  t.deepEqual([[], ['ä'], ['ä', 'å', 'æ', 'ç', 'è', 'é', 'ê', 'ë', 'ì', 'í', 'î', 'ï', 'ð', 'ñ', 'ò', 'ó', 'ô', 'õ', 'ö'], ['no', 'yes']].map((excluded) => shortestText([goal], excluded)), ['ä', 'å', 'no', 'ä'])
  t.is(shortestText([{ dfa: automaton('yes|no'), accepts: (found) => found !== 0 }], ['no', 'yes']), undefined)
})

test('automata are minimal', (t) => {
  // One more than the textbook has: the automaton is total.
  t.is(automaton('(?:a|b)*abb').states, 5)
  t.is(automaton('[a-f0-9]{8}').states, 10)
  t.is(automaton('aa|ab|ba|bb').states, automaton('[ab][ab]').states)
  t.is(automaton('\\d+').alphabet.size, 2)
})

test('what a finite automaton cannot decide, or only at a price, is refused with its place', (t) => {
  const refused = (source: string): string => {
    const parsed = parseRegex(source)
    return isRegexError(parsed) ? `${parsed.at}: ${parsed.message}` : 'accepted'
  }
  t.is(refused('^a|b$'), 'accepted')
  t.regex(refused('a(?=b)'), /^1: the lookahead \(\?=b\) is not supported/)
  t.regex(refused('(?<!a)b'), /^0: the lookbehind/)
  t.regex(refused('(a)\\1'), /^3: the backreference \\1 /)
  t.regex(refused('a\\b'), /^1: the word boundary \\b/)
  t.regex(refused('a^b'), /^1: \^ is only allowed at the start/)
  t.regex(refused('(^a)'), /^1: \^ is only allowed/)
  t.regex(refused('\\p{L}'), /^0: the Unicode property/)
  t.regex(refused('(?i:a)'), /^0: modifiers/)
  t.regex(refused('ab('), /^3: Unterminated group/)
  for (const source of ['(?:a{1000}){1000}', '[ab]*a[ab]{14}', 'x{1,20000}']) {
    const parsed = parseRegex(source)
    t.true(!isRegexError(parsed) && isTooLarge(determinise([parsed])), source)
  }
})

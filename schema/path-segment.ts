import { normalizePath } from './normalize.ts'
import type { PathSegment } from './path.ts'
import { determinise, isTooLarge } from './regex/dfa.ts'
import { isRegexError, parseRegex } from './regex/parse.ts'

/** Thrown inside the parser only; `parsePath` turns it into a value. */
export class PathRefusal extends Error {
  readonly at: number
  readonly suggestion: string | undefined
  constructor (message: string, at: number, suggestion?: string) {
    super(message)
    this.at = at
    this.suggestion = suggestion
  }
}

interface Parameter { readonly name: string, readonly at: number, readonly regex: string | null, readonly rest: boolean }

/** Reads the segment that begins at `start` (after its slash). Regular expressions in `checked` are known to be right, and others are added to it. `end` is the offset of the next slash or of the end. */
export function scanSegment (source: string, start: number, checked: Set<string>): { readonly segment: PathSegment, readonly end: number } {
  const texts = ['', '']
  let parameter: Parameter | undefined
  let at = start
  while (at < source.length && source[at] !== '/') {
    const char = source[at]!
    if (char === ':') {
      const next = scanParameter(source, at, checked)
      if (parameter !== undefined) throw new PathRefusal(`a segment has at most one parameter; :${parameter.name} and :${next.parameter.name} share one`, at)
      parameter = next.parameter
      at = next.end
    } else if (char === '*') {
      if (parameter !== undefined || at > start) throw new PathRefusal('* must be a whole segment, the last one', at, `${source.slice(0, at)}${parameter === undefined ? ':rest' : ''}${source.slice(at + 1)}`)
      parameter = { name: '*', at, regex: null, rest: true }
      at++
    } else {
      const { text, end } = scanText(source, at)
      texts[parameter === undefined ? 0 : 1] += text
      at = end
    }
  }
  return { segment: segmentOf(source, start, at, texts[0]!, texts[1]!, parameter), end: at }
}

function segmentOf (source: string, start: number, end: number, before: string, after: string, parameter: Parameter | undefined): PathSegment {
  if (parameter === undefined) {
    if (before === '' && end < source.length) throw new PathRefusal('an empty segment never occurs: requests have their slashes merged', start, source.replace(/\/{2,}/g, '/'))
    if (/^\.\.?(?:$|;|%3B)/.test(before)) throw new PathRefusal(`a segment ${before} never occurs: requests have dot segments removed`, start, before === '.' ? source.slice(0, start) + source.slice(end + 1) : undefined)
    return { kind: 'static', text: before }
  }
  if (parameter.rest) {
    if (before !== '' || after !== '') throw new PathRefusal(`:${parameter.name}* must be a whole segment`, parameter.at)
    if (end < source.length) throw new PathRefusal('* takes the rest of the path and must come last', parameter.at, `${source.slice(0, start)}:${parameter.name === '*' ? 'any' : parameter.name}${source.slice(end)}`)
    return { kind: 'rest', name: parameter.name }
  }
  if (before === '' && after === '' && parameter.regex === null) return { kind: 'param', name: parameter.name }
  return { kind: 'constrained', name: parameter.name, prefix: before, suffix: after, regex: parameter.regex }
}

function scanParameter (source: string, at: number, checked: Set<string>): { readonly parameter: Parameter, readonly end: number } {
  const name = /[A-Za-z_][A-Za-z0-9_]*/y
  name.lastIndex = at + 1
  const found = name.exec(source)?.[0]
  if (found === undefined) throw new PathRefusal('a parameter needs a name of letters, digits and _ after the colon; a literal colon is written \\:', at, `${source.slice(0, at)}\\${source.slice(at)}`)
  let end = at + 1 + found.length
  let regex: string | null = null
  if (source[end] === '(') {
    const close = closingParenthesis(source, end)
    regex = source.slice(end + 1, close)
    if (!checked.has(regex)) checkRegex(regex, end + 1)
    checked.add(regex)
    end = close + 1
  }
  if (source[end] === '?') throw new PathRefusal(`an optional parameter is written as two routes, one without :${found}`, end)
  const rest = source[end] === '*'
  if (rest && regex !== null) throw new PathRefusal(`the rest of the path cannot be constrained; write :${found}*`, end, source.slice(0, at + 1 + found.length) + source.slice(end))
  return { parameter: { name: found, at, regex, rest }, end: rest ? end + 1 : end }
}

function closingParenthesis (source: string, open: number): number {
  let depth = 0
  let inClass = false
  for (let i = open; i < source.length; i++) {
    const char = source[i]
    if (char === '\\') i++
    else if (inClass) inClass = char !== ']'
    else if (char === '[') inClass = true
    else if (char === '(') depth++
    else if (char === ')' && --depth === 0) return i
  }
  throw new PathRefusal('this parenthesis is never closed', open)
}

function checkRegex (regex: string, at: number): void {
  if (regex === '') throw new PathRefusal('the regular expression is empty', at)
  const expression = parseRegex(regex)
  if (isRegexError(expression)) throw new PathRefusal(`in the regular expression: ${expression.message}`, at + expression.at)
  if (isTooLarge(determinise([expression]))) throw new PathRefusal('the regular expression is too large: its automaton has more than 10,000 states', at)
}

function scanText (source: string, at: number): { readonly text: string, readonly end: number } {
  const run = /[A-Za-z0-9._~!$&'+,;=@-]+/y
  run.lastIndex = at
  if (run.test(source)) return { text: source.slice(at, run.lastIndex), end: run.lastIndex }
  const char = String.fromCodePoint(source.codePointAt(at)!)
  const plain = (text: string, end: number): { text: string, end: number } => {
    // The leading character keeps a dot from being taken for a dot segment.
    const normal = normalizePath(`/x${text}`)
    if (typeof normal !== 'string') throw new PathRefusal(`${normal.invalid}, which no request has: they are refused`, at)
    return { text: normal.slice(2), end }
  }
  switch (char) {
    case '\\':
      if (/^[:*(){}]/.test(source.slice(at + 1))) return plain(source[at + 1]!, at + 2)
      throw new PathRefusal('a backslash stands only in front of : * ( ) { } to make them literal', at, source.replaceAll('\\', '/'))
    case '%': return plain(source.slice(at, at + 3), Math.min(at + 3, source.length))
    case '?': throw new PathRefusal('a path pattern has no query; use the condition `when.query`', at, source.slice(0, at))
    case '#': throw new PathRefusal('a path has no fragment: clients do not send it', at, source.slice(0, at))
    case '(': throw new PathRefusal('a regular expression needs a parameter in front: :name(…)', at)
    case ')': throw new PathRefusal('this parenthesis was never opened', at)
    case '{':
    case '}': throw new PathRefusal('a parameter is written :name, not {name}', at, withColons(source))
    default: {
      if (/\p{Cc}|\p{Cs}/u.test(char)) throw new PathRefusal('a path has no control characters', at)
      return plain(/[^\x21-\x7e]/.test(char) ? encodeURIComponent(char) : char, at + char.length)
    }
  }
}

/** The braces of other systems in our syntax: {id}, {id:regex}, {path...}, {*path}. */
function withColons (source: string): string {
  return source.replace(/\{(\*?)(\w+)(\.\.\.|\*)?(?::((?:[^{}]|\{[^{}]*\})*))?\}/g, (_, star: string, name: string, dots?: string, regex?: string) =>
    `:${name}${star !== '' || dots !== undefined ? '*' : ''}${regex === undefined ? '' : `(${regex})`}`)
}

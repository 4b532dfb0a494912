import type { Diagnostic, Problem, Severity } from '../schema/diagnostic.ts'
import { digest } from '../schema/canonical.ts'
import { byPlace, type Finding, type Span } from './render/finding.ts'

export const suppressionProblems: readonly Problem[] = [
  {
    code: 'suppression/no-reason',
    severity: 'warning',
    summary: 'A suppression does not say why.',
    docs: `A suppression without a reason cannot be judged by the next reader, so it has no effect.

Write the reason behind two dashes: \`// gwc-disable-next-line upstream/unused -- taken into use with release 12\`.`
  },
  {
    code: 'suppression/expired',
    severity: 'warning',
    summary: 'A suppression was meant to end before today.',
    docs: `The reason of a suppression may say how long it holds: \`-- moves with release 12 (until 2027-01-31)\`. After that day the warning is back,
so that what was put off is not forgotten.

Mend what the warning is about, or give a later day.`
  },
  {
    code: 'suppression/unused',
    severity: 'warning',
    summary: 'A suppression silences nothing.',
    docs: `There is no such warning on the next line: it was mended, it moved, its code is misspelt, it is locked in gateway.lint.json, or it is an
error. Errors cannot be silenced: no bundle can be made of a config that has one.

Delete the comment, or move it to the line right above the warning.`
  }
]

const directive = /(?:\/\/|\/\*)\s*gwc-disable-next-line\b(?<codes>.*?)(?:\s--(?<reason>.*?))?\s*(?:\*\/|$)/

interface Directive {
  readonly codes: readonly string[]
  readonly reason: string
  /** The last day on which it holds. */
  readonly until: string | undefined
  readonly span: Span
  used: boolean
}

export interface Suppression {
  readonly findings: readonly Finding[]
  readonly suppressed: readonly { readonly finding: Finding, readonly reason: string }[]
}

/**
 * Applies the comments `// gwc-disable-next-line code, code -- reason`: takes out the warnings and infos that start on the line below, and adds a
 * warning for each comment that has no reason or no effect. `files` are the sources to look through, as spans name them;
 * after `(until 2027-01-31)` in its reason a comment has no effect, and on codes that are locked none has. `today` is a day.
 */
export function suppress (findings: readonly Finding[], files: readonly string[], read: (file: string) => string | undefined, today: string, isLocked: (code: string) => boolean = () => false): Suppression {
  const directives = new Map(files.map((file) => [file, directivesIn(file, read(file) ?? '')]))
  const kept: Finding[] = []
  const suppressed: { finding: Finding, reason: string }[] = []
  for (const finding of findings) {
    const by = finding.diagnostic.severity === 'error' || isLocked(finding.diagnostic.code) ? undefined : silencing(finding, directives, today)
    if (by === undefined) kept.push(finding)
    else {
      by.used = true
      suppressed.push({ finding, reason: by.reason })
    }
  }
  const complaints = [...directives.values()].flat().flatMap((found) => {
    if (found.reason === '') return [complaint(found, 'suppression/no-reason', 'this suppression gives no reason, so it has no effect', 'Add one behind two dashes: `-- reason`.')]
    if (hasEnded(found, today)) return [complaint(found, 'suppression/expired', `this suppression held until ${found.until}`, 'Mend what it silenced, or give a later day.')]
    if (found.used) return []
    const about = found.codes.length === 0 ? 'names no code' : `silences nothing: there is no warning ${found.codes.map((code) => `'${code}'`).join(' or ')} on the next line`
    const error = findings.find(({ diagnostic, span }) => diagnostic.severity === 'error' && found.codes.includes(diagnostic.code) && span?.file === found.span.file && span.line === found.span.line + 1)
    const locked = found.codes.find(isLocked)
    if (locked !== undefined) return [complaint(found, 'suppression/unused', `this suppression has no effect: '${locked}' is locked in gateway.lint.json`, 'Mend what it silences, or ask those who own gateway.lint.json.')]
    return [complaint(found, 'suppression/unused', `this suppression ${error === undefined ? about : `has no effect: '${error.diagnostic.code}' is an error, and errors cannot be silenced`}`, 'Delete the comment.')]
  })
  return { findings: [...kept, ...complaints].sort(byPlace), suppressed }
}

function silencing ({ diagnostic, span }: Finding, directives: ReadonlyMap<string, readonly Directive[]>, today: string): Directive | undefined {
  return directives.get(span?.file ?? '')?.find((found) => found.reason !== '' && !hasEnded(found, today) && found.codes.includes(diagnostic.code) &&
    (found.span.line + 1 === span?.line || found.span.line + 1 === diagnostic.place?.origin.line))
}

function hasEnded ({ until }: Directive, today: string): boolean {
  return until !== undefined && until < today
}

function directivesIn (file: string, text: string): Directive[] {
  if (!text.includes('gwc-disable-next-line')) return []
  const found: Directive[] = []
  let offset = 0
  for (const [index, line] of text.split('\n').entries()) {
    const match = directive.exec(line.replace(/\r$/, ''))
    if (match !== null) {
      const codes = (match.groups?.codes ?? '').split(/[\s,]+/).filter((code) => code !== '')
      const from = match.index
      const to = from + match[0].trimEnd().length
      const span = { file, line: index + 1, column: from + 1, endLine: index + 1, endColumn: to + 1, start: offset + from, end: offset + to }
      const reason = (match.groups?.reason ?? '').trim()
      found.push({ codes, reason, until: /\(until (\d{4}-\d\d-\d\d)\)/.exec(reason)?.[1], span, used: false })
    }
    offset += line.length + 1
  }
  return found
}

function complaint ({ span, codes }: Directive, code: string, message: string, help: string): Finding {
  const severity: Severity = 'warning'
  const diagnostic: Diagnostic = { code, severity, message, help, place: { origin: { file: span.file, line: span.line, column: span.column } } }
  return { diagnostic, span, related: [], fingerprint: digest(`${code}\n${span.file}\n${codes.join()}`) }
}

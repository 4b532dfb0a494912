import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import test from 'ava'
import type { Diagnostic, Place } from '../../schema/diagnostic.ts'
import type { Range } from '../locate.ts'
import { suppress } from '../suppress.ts'
import { compact } from './compact.ts'
import { findings } from './finding.ts'
import { github } from './github.ts'
import { json } from './json.ts'
import { pretty } from './pretty.ts'
import type { Report } from './report.ts'
import { requestText } from './request-text.ts'
import { sarif } from './sarif.ts'
import { tableText } from './table.ts'

const files: Readonly<Record<string, string>> = {
  'gateway.config.ts': "import { route } from 'gwc'\n\nconst a = route('GET /orders/:id', { to: orders })\nconst 日本 = route('/x', {}) // 名\n",
  'secret.ts': "export const key = 'AKIAIOSFODNN7EXAMPLE'\n",
  'tabs.ts': "\t\troute('GET /\u001b[31mred', {\n\t\t\tto: a,\n\t\t\tx: 1,\n\t\t\ty: 2,\n\t\t\tz: 3,\n\t\t\tq: 4,\n\t\t\tr: 5\n\t\t})\n",
  'long.ts': `const x = [${'1, '.repeat(100)}route('GET /long', {})]\n`
}

/** A locator for places whose origin is the text itself: the pointer's first element is the text to underline. */
function locate ({ origin, pointer }: Place): Range | undefined {
  const text = files[origin.file]
  if (text === undefined) return undefined
  const start = text.indexOf(String(pointer?.[0] ?? 'route'))
  const end = start + String(pointer?.[0] ?? 'route').length
  const position = (offset: number): [number, number] => [text.slice(0, offset).split('\n').length, offset - text.lastIndexOf('\n', offset - 1)]
  const [[line, column], [endLine, endColumn]] = [position(start), position(end)]
  return { file: `/root/${origin.file}`, line, column, endLine, endColumn, start, end }
}

const at = (file: string, ...pointer: (string | number)[]): Place => ({ origin: { file, line: 1, column: 1 }, pointer })

const unreachable: Diagnostic = {
  code: 'route/unreachable',
  severity: 'error',
  subject: 'route:a',
  message: "route 'a' can never match",
  place: at('gateway.config.ts', "'GET /orders/:id'"),
  related: [{ message: "'日本' takes it", place: at('gateway.config.ts', "'/x'") }, { message: 'and so does this', place: at('gone.ts') }],
  notes: ['2 routes together cover it'],
  help: 'delete the route',
  witness: { request: { listener: 'public', method: 'GET', host: 'h', path: '/orders/1', headers: { 'x-a': 'it\'s' }, query: { v: 'a b' }, cookies: { s: '1' } }, outcome: "'日本'" },
  fix: { title: 'delete it', applicability: 'safe', edits: [] }
}

function reportOf (diagnostics: readonly Diagnostic[]): Report {
  return {
    findings: findings(diagnostics, '/root', '/root', locate),
    suppressed: [],
    read: (file) => files[file],
    problem: (code) => ({ code, severity: 'error', summary: `${code} is wrong`, docs: `Mend \`${code}\`.`, ...(code === 'secret/literal' && { concealed: true }) }),
    version: '1.2.3'
  }
}

test('pretty underlines the value, the other sides of a conflict, and says what to do', (t) => {
  t.is(pretty(reportOf([unreachable]), false), `error[route/unreachable]: route 'a' can never match
   ╭─ gateway.config.ts:3:17
 3 │ const a = route('GET /orders/:id', { to: orders })
   │                 ^^^^^^^^^^^^^^^^^
   ├─ gateway.config.ts:4:18
 4 │ const 日本 = route('/x', {}) // 名
   │                    ~~~~ '日本' takes it
   ├─ gone.ts:1:1 and so does this
   = witness: GET 'http://h/orders/1?v=a%20b' -H 'x-a: it'\\''s' -H 'cookie: s=1' → '日本'
   = note: 2 routes together cover it
   = help: delete the route
   = fix: delete it (gwc lint --fix)
   = docs: gwc explain route/unreachable

1 error (1 fixable with gwc lint --fix)
`)
})

test('frames hide secrets, disarm control characters, and shorten what is long', (t) => {
  const text = pretty(reportOf([
    { code: 'secret/literal', severity: 'error', message: 'a key', place: at('secret.ts', "'AKIAIOSFODNN7EXAMPLE'") },
    { code: 'x/tabs', severity: 'warning', message: 'evil \u001b[2J message', place: at('tabs.ts', files['tabs.ts']!.trim()) },
    { code: 'x/long', severity: 'info', message: 'far right', place: at('long.ts', "'GET /long'") }
  ]), false)
  t.false(text.includes('AKIA'))
  t.true(text.includes("'********************'"))
  // eslint-disable-next-line no-control-regex
  t.notRegex(text, /[\u001b\u0007]/)
  t.regex(text, /\n {3}┆\n {8}|\n {3}┆\n/)
  t.true(text.split('\n').every((line) => line.length <= 140), 'no line is wider than a frame')
  const [source, underline] = text.split('\n').filter((_, index, all) => /GET \/long/.test(all[index]!) || /GET \/long/.test(all[index - 1] ?? ''))
  t.is(underline!.indexOf('^'), source!.indexOf("'GET /long'"))
})

test('at most 100 findings are framed, all are counted', (t) => {
  const many = Array.from({ length: 130 }, (_, index): Diagnostic => ({ ...unreachable, subject: `route:${index}` }))
  const text = pretty(reportOf(many), false)
  t.is(text.match(/^error\[/gm)!.length, 100)
  t.true(text.includes('… and 30 more'))
  t.true(text.includes('130 errors'))
  t.is(pretty(reportOf([]), false), '')
})

test('colours are there only when they are wanted', (t) => {
  t.true(pretty(reportOf([unreachable]), true).includes('\u001b[31m'))
  t.false(pretty(reportOf([unreachable]), false).includes('\u001b'))
})

test('compact is one line a finding', (t) => {
  t.is(compact(reportOf([{ ...unreachable, message: 'two\nlines' }, { code: 'config/not-found', severity: 'error', message: 'there is none' }])),
    'gwc: error config/not-found there is none\ngateway.config.ts:3:17: error route/unreachable two lines\n')
})

test('json follows its schema, and its fingerprints survive moved lines', (t) => {
  const schema = JSON.parse(readFileSync(new URL('../../../compiler/render/diagnostics.schema.json', import.meta.url), 'utf8')) as object
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema)
  const report = reportOf([unreachable, unreachable, { code: 'config/not-found', severity: 'error', message: 'none' }])
  const suppressed = { ...report, suppressed: [{ finding: report.findings[0]!, reason: 'because' }] }
  for (const one of [report, suppressed]) t.true(validate(JSON.parse(json(one))), JSON.stringify(validate.errors))
  const [, first, second] = report.findings
  t.not(first!.fingerprint, second!.fingerprint)
  const moved = findings([{ ...unreachable, place: at('gateway.config.ts', "'/x'") }], '/root', '/root', locate)
  t.is(moved[0]!.fingerprint, first!.fingerprint)
})

test('sarif keeps within the limits of code scanning, worst first', (t) => {
  const many = Array.from({ length: 30_000 }, (_, index): Diagnostic => ({ ...unreachable, severity: index < 29_000 ? 'warning' : 'error', subject: `route:${index}`, related: Array.from({ length: index === 0 ? 1200 : 0 }, () => ({ message: 'm', place: at('gateway.config.ts', "'/x'") })) }))
  const log = JSON.parse(sarif(reportOf(many), '/root')) as { version: string, runs: { tool: { driver: { rules: { id: string }[] } }, results: { level: string, ruleIndex: number, relatedLocations?: unknown[], partialFingerprints: Record<string, string> }[] }[] }
  const [run] = log.runs
  t.is(log.version, '2.1.0')
  t.is(run!.results.length, 25_000)
  t.is(run!.results[999]!.level, 'error')
  t.is(run!.results[1000]!.level, 'warning')
  t.true(run!.results.every(({ relatedLocations }) => (relatedLocations?.length ?? 0) <= 1000))
  t.deepEqual(run!.tool.driver.rules.map(({ id }) => id), ['route/unreachable'])
  t.is(new Set(run!.results.map(({ partialFingerprints }) => partialFingerprints['gwcFinding/v1'])).size, 25_000)
})

test('github annotations are escaped, at most ten of a kind, the rest counted', (t) => {
  const lines = github(reportOf([{ ...unreachable, message: '100% of\nlines' }])).split('\n')
  t.is(lines[0], "::error file=gateway.config.ts,line=3,endLine=3,col=17,endColumn=34,title=route/unreachable::100%25 of%0Alines%0Agateway.config.ts:4: '日本' takes it%0Agone.ts:1: and so does this%0Ahelp: delete the route")
  const many = github(reportOf(Array.from({ length: 25 }, (_, index): Diagnostic => ({ ...unreachable, subject: String(index), severity: index < 12 ? 'error' : index < 14 ? 'warning' : 'info' }))))
  t.is(many.match(/^::error /gm)!.length, 10)
  t.is(many.match(/^::warning /gm)!.length, 2)
  t.is(many.match(/^::notice /gm)!.length, 10)
  t.regex(many, /::notice title=gwc::4 more findings; run gwc lint to see them all\n$/)
  const commas = github({ ...reportOf([]), findings: [{ ...reportOf([unreachable]).findings[0]!, span: { file: 'a,b:c.ts', line: 1, column: 1, endLine: 2, endColumn: 1, start: 0, end: 5 } }] })
  t.true(commas.startsWith('::error file=a%2Cb%3Ac.ts,line=1,endLine=2,title='))
})

test('suppressions silence warnings with a reason; what has none or no effect is reported', (t) => {
  const text = [
    '// gwc-disable-next-line upstream/unused -- comes with release 12',
    "const a = upstream('a')",
    '/* gwc-disable-next-line upstream/unused */',
    "const b = upstream('b')",
    '// gwc-disable-next-line upstream/unused -- nothing is here',
    '',
    '// gwc-disable-next-line route/unreachable, x/y -- please',
    "route('/x')"
  ].join('\r\n')
  const span = (line: number): object => ({ file: 'f.ts', line, column: 1, endLine: line, endColumn: 2, start: 0, end: 1 })
  const finding = (code: string, severity: 'error' | 'warning', line: number): Report['findings'][number] =>
    ({ diagnostic: { code, severity, message: code }, span: span(line) as never, related: [], fingerprint: '' })
  const result = suppress([finding('upstream/unused', 'warning', 2), finding('upstream/unused', 'warning', 4), finding('route/unreachable', 'error', 8)], ['f.ts'], () => text, '2026-01-01')
  t.deepEqual(result.suppressed.map(({ finding, reason }) => [finding.span?.line, reason]), [[2, 'comes with release 12']])
  t.deepEqual(result.findings.map(({ diagnostic: { code, message }, span }) => [span?.line, code, message]), [
    [3, 'suppression/no-reason', 'this suppression gives no reason, so it has no effect'],
    [4, 'upstream/unused', 'upstream/unused'],
    [5, 'suppression/unused', "this suppression silences nothing: there is no warning 'upstream/unused' on the next line"],
    [7, 'suppression/unused', "this suppression has no effect: 'route/unreachable' is an error, and errors cannot be silenced"],
    [8, 'route/unreachable', 'route/unreachable']
  ])
})

test('tables align wide characters and leave empty columns out', (t) => {
  t.is(tableText(['A', 'B', 'C'], [['日本', '', 'x'], ['a', '', 'y']], (text) => text), 'A     C\n日本  x\na     y\n')
})

test('requests are printed as a shell takes them', (t) => {
  t.is(requestText({ method: 'GET', host: 'a.b', path: '/x', headers: {}, query: {}, cookies: {} }), 'GET http://a.b/x')
})

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import type { CommandContext } from '../compiler/command.ts'
import { explain } from '../compiler/commands/explain.ts'
import { reportOf } from '../compiler/commands/report-of.ts'
import { routes } from '../compiler/commands/routes.ts'
import { compile, type Compilation, type PassName } from '../compiler/compile.ts'
import { explain as explainRequest } from '../compiler/explain/explain.ts'
import { pretty } from '../compiler/render/pretty.ts'
import { routesInOrder } from '../compiler/render/route-order.ts'
import type { Report } from '../compiler/render/report.ts'
import type { Bundle } from '../schema/bundle.ts'

/*
 * Whole configs with what the compiler makes of them, as files for people to read. UPDATE=1 writes them.
 *
 *   rules/<owner>-<problem>/{fails,passes}   a code, in the smallest config that has it, and mended
 *   broken/<case>                            several mistakes at once
 *   cases/<case>                             a config that compiles: resolved.json, bundle.json, routes.txt, explain.txt
 */
const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url))
const update = process.env.UPDATE === '1'
const env = { FIXTURE_WORD: 'many', FIXTURE_NUMBER: '9090' }
/** A type check costs a second, so it runs only where types are the point. */
const typed = new Set(['rules/config-type-error/fails', 'rules/config-type-error/passes', 'rules/ts-non-erasable-syntax/fails', 'rules/ts-non-erasable-syntax/passes', 'broken/types'])

const folders = (path: string): string[] => readdirSync(join(fixtures, path), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => `${path}/${name}`)

for (const rule of folders('rules')) {
  const code = codeOf(rule)
  test(`${rule} fails`, async (t) => {
    const report = await reported(`${rule}/fails`)
    const own = report.findings.filter(({ diagnostic }) => diagnostic.code === code).map(({ diagnostic }) => diagnostic)
    t.true(own.length > 0, `reports ${code}`)
    const problem = report.problem(code)
    t.true(own.every(({ severity }) => severity === problem?.severity), 'reports it with the severity of the catalogue')
    t.is(own.some(({ fix }) => fix?.applicability === 'safe'), problem?.fixable === true, 'has a fix exactly when the catalogue says so')
    golden(t, `${rule}/fails/diagnostics.txt`, pretty(report, false))
  })
  test(`${rule} passes`, async (t) => {
    const report = await reported(`${rule}/passes`)
    t.deepEqual(report.findings, [], pretty(report, false))
  })
}

for (const broken of folders('broken')) {
  test(broken, async (t) => {
    golden(t, `${broken}/diagnostics.txt`, pretty(await reported(broken), false))
  })
}

for (const name of folders('cases')) {
  test(name, async (t) => {
    const { resolved, bundle, diagnostics, automaton, chains } = await compiled(name, 'emit')
    t.deepEqual(diagnostics, [])
    let classes = 0
    const rows = routesInOrder(resolved!)
    for (const { listener, winner, witness } of automaton!.analysis.classes()) {
      classes++
      const { headers, query, cookies, ...request } = witness
      // Throws when its judgement of single routes and the matcher disagree.
      const { outcome, losers } = explainRequest(resolved!, automaton!.automaton, chains!, {
        ...request, listener, hostField: witness.host, search: '', rawPath: undefined, header: (field) => headers[field], query: (field) => query[field], cookie: (field) => cookies[field]
      })
      t.is(outcome.kind === 'route' ? outcome.route : outcome.kind, winner >= 0 ? resolved!.routes[winner]! : winner === -1 ? 'no-route' : 'method-not-allowed')
      // The table of routes keeps its promise: the first row that matches wins.
      const lost = new Set(losers.filter(({ matches }) => !matches).map(({ route }) => route))
      const first = rows.find(({ route }) => !lost.has(route))?.route
      t.is(first, resolved!.routes[winner])
    }
    t.true(classes > resolved!.routes.length)
    golden(t, `${name}/resolved.json`, `${JSON.stringify(resolved, null, 2)}\n`)
    golden(t, `${name}/bundle.json`, `${JSON.stringify(summary(bundle!), null, 2)}\n`)
    golden(t, `${name}/routes.txt`, await printed(name, (context) => routes.run([], { types: false, format: 'pretty' }, context)))
    const questions = readFileSync(join(fixtures, name, 'explain.sh'), 'utf8').split('\n').filter((line) => line.startsWith('gwc explain'))
    const answers: string[] = []
    for (const question of questions) answers.push(`$ ${question}\n\n${await printed(name, (context) => explain.run(...explainArguments(question), context))}`)
    golden(t, `${name}/explain.txt`, answers.join('\n'))
  })
}

test('every golden file belongs to a test', (t) => {
  const stray = [...folders('rules'), ...folders('broken'), ...folders('cases')].filter((folder) => {
    const config = (path: string): boolean => ['ts', 'json'].some((ending) => existsSync(join(fixtures, path, `gateway.config.${ending}`)))
    return folder.startsWith('rules/') ? !config(`${folder}/fails`) || !config(`${folder}/passes`) : !config(folder)
  })
  t.deepEqual(stray, [])
})

function codeOf (rule: string): string {
  const name = rule.slice('rules/'.length)
  const owners = ['api-key', 'rate-limit']
  const owner = owners.find((one) => name.startsWith(`${one}-`)) ?? name.slice(0, name.indexOf('-'))
  return `${owner}/${name.slice(owner.length + 1)}`
}

async function reported (folder: string): Promise<Report> {
  return reportOf(await compiled(folder, 'chains'), join(fixtures, folder), false)
}

/** A few at a time: each evaluates its config in a process of its own. */
let free = 3
const waiting: (() => void)[] = []

async function compiled (folder: string, until: PassName): Promise<Compilation> {
  if (free === 0) await new Promise<void>((resolve) => { waiting.push(resolve) })
  else free--
  try {
    return await compile({ cwd: join(fixtures, folder), env, types: typed.has(folder), sequence: 1 }, until)
  } finally {
    const next = waiting.shift()
    if (next === undefined) free++
    else next()
  }
}

/** What a command prints, run in the folder of a fixture. */
async function printed (folder: string, run: (context: CommandContext) => Promise<number>): Promise<string> {
  let text = ''
  const out = (part: string): void => { text += part.endsWith('\n') ? part : `${part}\n` }
  await run({ cwd: join(fixtures, folder), env, out, err: out, color: false, signal: new AbortController().signal })
  return text
}

/** Arguments of a line of `explain.sh`, in which single quotes are all the quoting there is. */
function explainArguments (line: string): [readonly string[], Readonly<Record<string, unknown>>] {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '').slice(2)
  const args: string[] = []
  const options: Record<string, unknown> = { types: false, format: 'pretty', header: [] as string[] }
  while (words.length > 0) {
    const word = words.shift()!
    if (word === '-H') (options['header'] as string[]).push(words.shift()!)
    else if (word === '--listener') options['listener'] = words.shift()
    else if (word === '--all') options['all'] = true
    else args.push(word)
  }
  return [args, options]
}

/** A bundle without its tables, which no person reads, and without the revision, which every commit changes. */
function summary ({ automaton: _, ...bundle }: Bundle): unknown {
  return { ...bundle, revision: null }
}

function golden (t: ExecutionContext, path: string, text: string): void {
  const file = join(fixtures, path)
  if (update) writeFileSync(file, text)
  t.is(text, existsSync(file) ? readFileSync(file, 'utf8') : '', `${path} differs; read the difference, and run with UPDATE=1 if it is right`)
}

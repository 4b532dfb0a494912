import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import type { ExecutionContext } from 'ava'
import { Ajv } from 'ajv'
import { compile } from '../compiler/compile.ts'
import { approve } from '../compiler/approvals/approvals.ts'
import { executeWitnesses } from '../compiler/commands/execute-witnesses.ts'
import { makePlan } from '../compiler/plan/make-plan.ts'
import type { Plan, PlanSide } from '../compiler/plan/plan.ts'
import { emptyBundle, sideOf } from '../compiler/plan/side.ts'
import type { Side } from '../compiler/plan/side.ts'
import { planGithub, planSarif } from '../compiler/render/plan-annotations.ts'
import { planJson } from '../compiler/render/plan-json.ts'
import { planMarkdown } from '../compiler/render/plan-markdown.ts'
import { planText } from '../compiler/render/plan-text.ts'
import { pretty } from '../compiler/render/pretty.ts'
import { reportOf } from '../compiler/commands/report-of.ts'
import { registry } from '../policies/registry.ts'
import type { Bundle } from '../schema/bundle.ts'
import { readBundle, writeBundle } from '../schema/bundle-file.ts'

/*
 * Pairs of configs with the plan between them, as files for people to read: plans/<case>/{before,after}, plan.txt, plan.md, plan.github.txt.
 * UPDATE=1 writes them.
 */
const fixtures = fileURLToPath(new URL('../../fixtures/plans/', import.meta.url))
const update = process.env['UPDATE'] === '1'
const schema = JSON.parse(readFileSync(fileURLToPath(new URL('../../compiler/render/plan.schema.json', import.meta.url)), 'utf8')) as object
const isPlan = new Ajv({ allowUnionTypes: true }).compile(schema)

async function sideIn (folder: string): Promise<Side> {
  if (!existsSync(join(folder, 'gateway.config.ts'))) return { bundle: emptyBundle as Bundle, digest: '', matches: [] }
  const compilation = await compile({ cwd: folder, env: {}, types: false, sequence: 1 }, 'emit')
  if (compilation.bundle === undefined) throw new Error(pretty(await reportOf(compilation, folder, true), false))
  const side = sideOf(readBundle(writeBundle({ ...compilation.bundle, revision: null })) as Exclude<ReturnType<typeof readBundle>, { invalid: string }>)
  if (typeof side === 'string') throw new Error(side)
  return side
}

const about = (kind: PlanSide['kind'], ref: string, { bundle, digest }: Side): PlanSide => ({ kind, ref, commit: null, dirty: false, bundle: digest || null, semantic: bundle.semanticDigest ?? null })

async function planned (name: string): Promise<Plan> {
  const [before, after] = await Promise.all([sideIn(join(fixtures, name, 'before')), sideIn(join(fixtures, name, 'after'))])
  const plan = makePlan({ before, after, base: about(before.bundle.routes.length === 0 && before.digest === '' ? 'empty' : 'file', 'before', before), head: about('file', 'after', after), registry, version: '0' })
  const executed = await executeWitnesses(plan, before, after, Infinity, { cwd: '', env: {}, out: () => {}, err: () => {}, color: false, signal: new AbortController().signal })
  return approve(executed, [], 'weakening', '2026-01-01').plan
}

for (const name of readdirSync(fixtures)) {
  test(`plans/${name}`, async (t) => {
    const plan = await planned(name)
    golden(t, join(fixtures, name, 'plan.txt'), planText(plan, { color: false }))
    golden(t, join(fixtures, name, 'plan.md'), planMarkdown(plan))
    golden(t, join(fixtures, name, 'plan.github.txt'), planGithub(plan, 'infra/'))
    t.true(isPlan(JSON.parse(planJson(plan))), JSON.stringify(isPlan.errors))
    for (const region of plan.changes.flatMap((change) => change.regions)) if (region.witness !== null) t.is(region.witness.executed, 'runtime', JSON.stringify(region.witness.request))
    const sarif = JSON.parse(planSarif(plan, 'infra/', 'infra/gateway.config.ts')) as { runs: [{ results: unknown[] }] }
    t.is(sarif.runs[0].results.length, plan.changes.reduce((sum, { regions }) => sum + regions.length, 0))
  })
}

test('the fingerprint of a change outlives moved lines and unrelated changes, and dies with its region', async (t) => {
  const plan = await planned('refund')
  const weakening = plan.changes.find(({ codes }) => codes.includes('W02'))!
  const again = await planned('refund')
  t.is(again.changes.find(({ codes }) => codes.includes('W02'))!.fingerprint, weakening.fingerprint)
  t.is(new Set(plan.changes.map(({ fingerprint }) => fingerprint)).size, plan.changes.length)
  const record = { fingerprint: weakening.fingerprint, codes: weakening.codes, what: 'x', reason: 'because', by: 'me', approved: '2026-01-01', expires: '2026-02-01' }
  const at = (day: string) => approve(plan, [record], 'weakening', day).plan.changes.find(({ id }) => id === weakening.id)!.approval.state
  t.is(at('2026-02-01'), 'approved')
  t.is(at('2026-02-02'), 'expired')
  t.deepEqual(approve(plan, [{ ...record, fingerprint: `sha256:${'0'.repeat(64)}` }], 'weakening', '2026-01-01').unused.length, 1)
})

test('the plan in the README is one that gwc writes', (t) => {
  const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8')
  const [, shown] = /```text\n( {2}▼ [^]*?)```/.exec(readme)!
  t.true(readFileSync(join(fixtures, 'refund/plan.txt'), 'utf8').includes(shown!))
  const [comment] = /### c2: [^]*?(?=\n\n<\/details>)/.exec(readme)!
  t.true(readFileSync(join(fixtures, 'refund/plan.md'), 'utf8').includes(comment))
})

test('what a config says is data in a comment: no mention, no HTML, no end of a code span', (t) => {
  const plan = { ...emptyPlan, changes: [{
    id: 'c1', kind: 'other' as const, codes: [], fingerprint: `sha256:${'0'.repeat(64)}`, reason: null, approval: { state: 'not-needed' as const },
    facets: [{ facet: '<img src=x> @all', before: '`a`', after: '|', order: 'different' as const, code: undefined }],
    regions: [{ listeners: [], hosts: ['any host'], methods: [], path: '/a`b', conditions: ['header x = ``` @all'], minus: [], before: null, after: null, because: '@team </details> ![x](http://x)', classes: 1, witness: null }]
  }] }
  const text = planMarkdown(plan)
  const outside = text.replace(/(`+)(?!`)[^]*?[^`]\1(?!`)/g, '')
  t.notRegex(outside, /@(?!\u200b)\w|<img|<\/details>\W+!|(?<!\\)!\[/)
})

test('a plan with thousands of changes still fits a comment', (t) => {
  const change = (i: number): Plan['changes'][number] => ({
    id: `c${i}`, kind: i < 2000 ? 'weakening' : 'other', codes: i < 2000 ? ['W02'] : [], fingerprint: `sha256:${'0'.repeat(64)}`, reason: null, approval: { state: i < 2000 ? 'missing' : 'not-needed' },
    facets: [{ facet: 'api-key', before: 'x'.repeat(200), after: 'none', order: 'weaker', code: 'W02' }],
    regions: [{ listeners: [], hosts: ['any host'], methods: ['GET'], path: `/${'y'.repeat(100)}${i}`, conditions: [], minus: [], before: null, after: null, because: 'x', classes: 1, witness: null }]
  })
  const text = planMarkdown({ ...emptyPlan, changes: Array.from({ length: 3000 }, (_, i) => change(i)) })
  t.true(text.length <= 60_000)
  t.regex(text, /W02/)
})

const emptyPlan: Plan = {
  formatVersion: '1.1', tool: { name: 'gwc', version: '0' }, gateway: 'x', verdict: 'changed', needsApproval: false, changes: [],
  base: { kind: 'file', ref: 'a', commit: null, dirty: false, bundle: null, semantic: null }, head: { kind: 'file', ref: 'b', commit: null, dirty: false, bundle: null, semantic: null },
  summary: { weakening: 0, breaking: 0, other: 1, unknown: 0, classes: { total: 1, changed: 1, provedUnchanged: 0, unknown: 0 } },
  proof: { method: 'trie-product', states: 1, cells: 1, budgetExceeded: false, witnesses: 0 }, state: { carried: [], reset: [], started: [], drained: [] },
  structural: { routes: { added: 0, removed: 0, edited: 0, renamed: 0 }, upstreams: { added: 0, removed: 0, edited: 0, renamed: 0 }, listeners: { added: 0, removed: 0, edited: 0, renamed: 0 } }
}

function golden (t: ExecutionContext, path: string, text: string): void {
  if (update) writeFileSync(path, text)
  t.is(text, existsSync(path) ? readFileSync(path, 'utf8') : '', `${path} differs; UPDATE=1 writes it`)
}

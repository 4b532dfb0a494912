import { performance } from 'node:perf_hooks'
import { buildAutomaton } from '../../../schema/automaton/build.ts'
import { encodeAutomaton } from '../../../schema/automaton/encode.ts'
import { createMatcher, type Matcher } from '../../../schema/automaton/match.ts'
import type { Fields } from '../../../schema/exchange.ts'
import { isPathError, parsePath } from '../../../schema/path.ts'
import type { RouteMatch } from '../../../schema/resolved.ts'
import { median } from '../median.ts'
import type { BenchRow } from '../row.ts'
import { peers, reference } from './routers.ts'
import { routeSet, samplesOf, seeded, type BenchRoute, type RouteSetSize, type Sample } from './route-sets.ts'

/*
 * Run as a process of its own, one for each size: `one-size.js SIZE ROUNDS PEER,PEER…` prints rows as JSON; with `--build` behind it only builds.
 * All subjects answer the same requests in turn, round after round, and every answer is checked.
 */
const [sizeText = '100', roundsText = '15', peerText = '', mode] = process.argv.slice(2)
const size: RouteSetSize = sizeText === 'github' ? 'github' : Number(sizeText)
const routes = routeSet(size)
const chosen = peers.filter(({ name }) => peerText.split(',').includes(name))

/** Passes over all requests in one turn: enough for the clock, and for the caches to forget the subject before. */
const passes = 5

interface Subject { readonly name: string, readonly buildMs: number, /** Sum of all answers. */ run (): number }

function measure (rounds: number): readonly BenchRow[] {
  const samples = samplesOf(routes, 4096)
  const expected = samples.reduce((sum, { route }) => sum + route, 0)
  const methods = samples.map(({ method }) => method)
  const paths = samples.map(({ path }) => path)
  const { subjects, encoded } = ours(samples)
  for (const peer of chosen) {
    const started = performance.now()
    const total = peer.build(routes)
    const buildMs = performance.now() - started
    check(peer.name, samples, ({ method, path }) => total([method], [path]))
    subjects.push({ name: peer.name, buildMs, run: () => total(methods, paths) })
  }
  const times = new Map(subjects.map(({ name }) => [name, [] as number[]]))
  for (let round = -3; round < rounds; round++) {
    for (const subject of subjects) {
      const started = performance.now()
      let sum = 0
      for (let pass = 0; pass < passes; pass++) sum += subject.run()
      const elapsed = performance.now() - started
      if (sum !== passes * expected) throw new Error(`${subject.name} answered wrongly in round ${round}`)
      if (round >= 0) times.get(subject.name)!.push(elapsed * 1e6 / samples.length / passes)
    }
  }
  const scenario = size === 'github' ? 'GitHub API' : `${size.toLocaleString('en')} routes`
  const rows: BenchRow[] = [{ bench: 'match', scenario, subject: 'gwc', metric: 'encoded', value: encoded / 1024, unit: 'KiB' }]
  const base = times.get(reference)
  for (const { name, buildMs } of subjects) {
    const own = times.get(name)!
    rows.push({ bench: 'match', scenario, subject: name, metric: 'ns/match', value: median(own), unit: 'ns' })
    if (base !== undefined) rows.push({ bench: 'match', scenario, subject: name, metric: 'ratio to find-my-way', value: median(own.map((time, i) => time / base[i]!)), unit: '' })
    if (buildMs > 0) rows.push({ bench: 'match', scenario, subject: name, metric: 'build ms', value: buildMs, unit: 'ms' })
  }
  return rows
}

/** Our matcher as the data path uses it: four hosts, the paths as bytes in one read buffer. And for those who hold strings, or want them. */
function ours (samples: readonly Sample[]): { readonly subjects: Subject[], readonly encoded: number } {
  const hosts = ['api.example.com', 'www.example.com', 'shop.example.com', 'example.net']
  const random = seeded(7)
  const hostOf = samples.map(() => hosts[Math.floor(random() * hosts.length)]!)
  const methods = samples.map(({ method }) => method)
  const paths = samples.map(({ path }) => path)
  const buffer = Buffer.from(paths.join(''), 'latin1')
  const ends = Int32Array.from(paths, (() => { let end = 0; return (path: string) => { end += path.length; return end } })())
  const matches = routes.map((route) => matchOf(route, hosts))
  const started = performance.now()
  const built = buildAutomaton(matches, 1)
  const buildMs = performance.now() - started
  if (built.overflow !== undefined) throw new Error(built.overflow.message)
  const matcher = createMatcher(built.automaton)
  const paramsOf = matches.map(({ path }) => path.segments.flatMap((segment, i) => (segment.kind === 'static' ? [] : [segment.kind === 'rest' ? ~i : i])))
  check('gwc', samples, ({ method, path }) => matcher.matchString(0, hosts[0]!, method, path, noFields))
  for (const { method, path, params, route } of samples) {
    matcher.matchString(0, hosts[0]!, method, path, noFields)
    if (slice(matcher, paramsOf[route]!, path).join() !== params.join()) throw new Error(`wrong parameters of ${path}`)
  }
  // A loop of its own for each: a shared one would call through a pointer, which costs as much as a tenth of a match.
  return {
    encoded: JSON.stringify(encodeAutomaton(built.automaton)).length,
    subjects: [
      {
        name: 'gwc',
        buildMs,
        run () {
          let sum = 0
          for (let i = 0, start = 0; i < samples.length; i++) {
            sum += matcher.match(0, hostOf[i]!, methods[i]!, buffer, start, ends[i]!, noFields)
            start = ends[i]!
          }
          return sum
        }
      },
      {
        name: 'gwc, path as string',
        buildMs: 0,
        run () {
          let sum = 0
          for (let i = 0; i < samples.length; i++) sum += matcher.matchString(0, hostOf[i]!, methods[i]!, paths[i]!, noFields)
          return sum
        }
      },
      {
        name: 'gwc, parameters as strings',
        buildMs: 0,
        run () {
          let sum = 0
          for (let i = 0; i < samples.length; i++) {
            const route = matcher.matchString(0, hostOf[i]!, methods[i]!, paths[i]!, noFields)
            sum += route + (slice(matcher, paramsOf[route]!, paths[i]!).length > 9 ? 1 : 0)
          }
          return sum
        }
      }
    ]
  }
}

function slice ({ segments }: Matcher, params: readonly number[], path: string): string[] {
  const values: string[] = []
  for (const param of params) values.push(param < 0 ? path.slice(segments[2 * ~param]!) : path.slice(segments[2 * param]!, segments[2 * param + 1]!))
  return values
}

const noFields: Fields = { header: () => undefined, query: () => undefined, cookie: () => undefined }

function matchOf ([method, path]: BenchRoute, hosts: readonly string[]): RouteMatch {
  const parsed = parsePath(path)
  if (isPathError(parsed)) throw new Error(`${path}: ${parsed.message}`)
  return { listeners: [0], hosts: hosts.map((name) => ({ wildcard: false, name })), methods: [method], path: parsed, conditions: [], priority: 0 }
}

function check (name: string, samples: readonly Sample[], find: (sample: Sample) => number): void {
  for (const sample of samples) {
    const found = find(sample)
    if (found !== sample.route) throw new Error(`${name}: ${sample.method} ${sample.path} is answered with ${found}, not ${sample.route}`)
  }
}

if (mode === '--build') for (const peer of chosen) peer.build(routes)
else process.stdout.write(JSON.stringify(measure(Number(roundsText))))

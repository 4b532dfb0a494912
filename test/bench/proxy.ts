import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './median.ts'
import { cpuMicroseconds, residentMebibytes } from './process-cost.ts'
import type { BenchRow } from './row.ts'
import { caddy, fastGateway, fastifyHttpProxy, gwc, gwcFull, gwcPipelining, gwcTcp, gwcTls, haproxy, haproxyTcp, haproxyTls, need, needFile, nginx, nginxTcp, nginxTls, portOpen, start, stop, type Subject } from './subjects.ts'

/*
 * What a proxied request costs. Gateway pinned to CPU 0, load generator with the upstream inside on CPU 1, 64 kept-alive
 * connections, interleaved repetitions, medians; ratios are paired with nginx (TCP and WebSocket: HAProxy) of the same repetition. Where the system allows it
 * everything runs in a network namespace of its own with TCP reno, for some hosts pace even loopback.
 */
const browserHead = [
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'Accept: application/json, text/plain, */*', 'Accept-Encoding: gzip, deflate, br, zstd', 'Accept-Language: en-US,en;q=0.9,fr;q=0.8',
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; ids=GA1.2.1234567890.1234567890',
  `Authorization: Bearer ${'x'.repeat(240)}`, 'Referer: https://app.example.com/dashboard/overview?tab=metrics&range=24h',
  'Origin: https://app.example.com', 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Site: same-site', 'Cache-Control: no-cache'
]
interface Scenario {
  readonly name: string
  /** Starts the load and tells when it begins and ends; the default is the C load generator with these arguments. */
  readonly load: readonly string[]
  readonly generator?: 'lg' | 'websocket' | 'h2load'
}

interface Suite {
  readonly subjects: readonly Subject[]
  /** Ratios are to this one. */
  readonly base: Subject
  readonly scenarios: readonly Scenario[]
}

const gets: readonly Scenario[] = [
  { name: 'small GET', load: ['-P', '/s'] },
  { name: '1 KiB head', load: ['-P', '/s?user=12345&fields=id,name,tags', '-V', ...browserHead.flatMap((field) => ['-H', field])] },
  { name: '10 KiB body', load: ['-P', '/m'] }
]

/** `chunk`: sends it in chunks of this size. */
function post (name: string, size: number, chunk?: number): Scenario {
  return { name, load: ['-P', '/s', '-m', 'POST', '-b', String(size), ...chunk === undefined ? [] : ['-C', String(chunk)], '-H', 'Content-Type: application/json'] }
}

const suites: readonly Suite[] = [
  {
    subjects: [nginx, haproxy, gwc, gwcFull, caddy, fastifyHttpProxy, fastGateway],
    base: nginx,
    scenarios: [
      ...gets,
      post('1 KiB POST', 1024),
      post('20 KiB POST', 20 * 1024),
      { name: '1 MiB body', load: ['-P', '/l'] },
      post('1 MiB POST', 1024 * 1024),
      post('20 KiB POST in chunks', 20 * 1024, 4 * 1024),
      post('1 MiB POST in chunks', 1024 * 1024, 16 * 1024)
    ]
  },
  // Each on its own: between scenarios the upstream breaks off with requests out, and then gets them one by one for a while.
  ...gets.map((scenario) => ({ subjects: [nginx, haproxy, gwcPipelining], base: nginx, scenarios: [{ ...scenario, name: `${scenario.name}, pipelining` }] })),
  // About half of what one core of ours can do: how long a request waits, and what one costs when few share a turn.
  { subjects: [nginx, haproxy, gwc], base: nginx, scenarios: [{ name: '15,000 small GET/s', load: ['-P', '/s', '-r', '15000'] }] },
  { subjects: [haproxyTcp, nginxTcp, gwcTcp], base: haproxyTcp, scenarios: [{ name: 'TCP, small', load: ['-P', '/s'] }, { name: 'TCP, 1 MiB', load: ['-P', '/l'] }] },
  {
    subjects: [nginxTls, haproxyTls, gwcTls],
    base: nginxTls,
    scenarios: [{ name: 'TLS, HTTP/1.1', load: ['--h1'], generator: 'h2load' }, { name: 'TLS, HTTP/2', load: ['-m', '10'], generator: 'h2load' }]
  },
  { subjects: [haproxy, gwc], base: haproxy, scenarios: [{ name: 'WebSocket message', load: [], generator: 'websocket' }] }
]

interface Sample { readonly us: number, readonly rps: number, readonly p50: number, readonly p99: number, readonly errors: number, readonly rss: number }

interface Tools { readonly lg: string, readonly upstream: string }

async function load (tools: Tools, pid: number, port: number, upstream: number, { generator = 'lg', load: args }: Scenario, seconds: number): Promise<Sample> {
  if (generator === 'h2load') return await h2load(tools, pid, port, upstream, args, seconds)
  const command = generator === 'lg'
    ? [tools.lg, '-p', String(port), '-u', String(upstream), '-c', '64', '-d', String(seconds), '-w', '1', ...args]
    : [process.execPath, fileURLToPath(new URL('load/websocket.js', import.meta.url)), String(port), String(upstream), String(seconds)]
  const child = spawn('taskset', ['-c', '1', ...command], { stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  let before = 0
  let after = 0
  child.stdout.on('data', (data: Buffer) => { out += data.toString() })
  child.stderr.on('data', (data: Buffer) => {
    if (data.includes('BEGIN')) before = cpuMicroseconds(pid)
    if (data.includes('END')) after = cpuMicroseconds(pid)
  })
  await new Promise((resolve) => child.once('close', resolve))
  const result = JSON.parse(out) as { n: number, rps: number, p50: number, p99: number, errs: number, non2xx: number }
  return { us: (after - before) / result.n, rps: result.rps, p50: result.p50, p99: result.p99, errors: result.errs + result.non2xx, rss: residentMebibytes(pid) }
}

/** Requests over TLS by h2load, handshakes of 64 connections included; it tells no percentiles. */
async function h2load ({ upstream: program }: Tools, pid: number, port: number, upstream: number, args: readonly string[], seconds: number): Promise<Sample> {
  const server = spawn('taskset', ['-c', '1', program, String(upstream)], { stdio: 'ignore' })
  try {
    while (!await portOpen(upstream)) await new Promise((resolve) => { setTimeout(resolve, 20) })
    const before = cpuMicroseconds(pid)
    const requests = 10_000 * seconds
    const out = execFileSync('taskset', ['-c', '1', 'h2load', '-n', String(requests), '-c', '64', '-t', '1', ...args, `https://localhost:${port}/s`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    const after = cpuMicroseconds(pid)
    const [, rps = '0'] = /finished in [\d.]+m?s, ([\d.]+) req\/s/.exec(out) ?? []
    const [, ok = '0'] = /, (\d+) 2xx|status codes: (\d+) 2xx/.exec(out.replace(/status codes: /, ', ')) ?? []
    return { us: (after - before) / requests, rps: Number(rps), p50: NaN, p99: NaN, errors: requests - Number(ok), rss: residentMebibytes(pid) }
  } finally {
    server.kill('SIGKILL')
  }
}

/** Runs this file again inside a network namespace; false where that is not allowed. */
function reenter (args: readonly string[]): boolean {
  if (process.env['GWC_BENCH_NAMESPACE'] !== undefined) return false
  try {
    execFileSync('unshare', ['-n', 'true'], { stdio: 'ignore' })
  } catch {
    return false
  }
  const script = 'ip link set lo up; sysctl -qw net.ipv4.tcp_congestion_control=reno; exec "$@"'
  execFileSync('unshare', ['-n', 'bash', '-c', script, 'ns', process.execPath, fileURLToPath(import.meta.url), ...args], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, GWC_BENCH_NAMESPACE: '1' } })
  return true
}

async function measure (quick: boolean): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gwc-bench-'))
  const build = (name: string): string => {
    const program = join(folder, name)
    execFileSync('cc', ['-O2', '-w', '-o', program, fileURLToPath(new URL(`../../../test/bench/load/${name}.c`, import.meta.url))])
    return program
  }
  const tools: Tools = { lg: build('lg'), upstream: build('upstream') }
  const rows: BenchRow[] = []
  try {
    for (const [n, suite] of suites.entries()) rows.push(...await measureSuite(suite, join(folder, String(n)), tools, quick))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return rows
}

async function measureSuite ({ subjects, base, scenarios }: Suite, folder: string, tools: Tools, quick: boolean): Promise<BenchRow[]> {
  const samples = new Map<string, Sample[]>()
  const repetitions = quick ? 1 : 3
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const subject of subjects) {
      const place = { folder: join(folder, String(repetition)), port: 18080, upstream: 19000 }
      const child = await start(subject, place, 0)
      try {
        for (const scenario of scenarios) {
          const key = `${scenario.name}\0${subject.name}`
          samples.set(key, [...samples.get(key) ?? [], await load(tools, child.pid!, place.port, place.upstream, scenario, quick ? 1 : 4)])
        }
      } finally {
        await stop(child, place.port)
      }
    }
  }
  return scenarios.flatMap((scenario) => subjects.flatMap((subject) => {
    const own = samples.get(`${scenario.name}\0${subject.name}`)!
    const bases = samples.get(`${scenario.name}\0${base.name}`)!
    const row = (metric: string, unit: string, value: number): BenchRow => ({ bench: 'proxy', scenario: scenario.name, subject: subject.name, metric, value, unit })
    const latencies = own.some(({ p50 }) => Number.isNaN(p50)) ? [] : [row('p50', 'ms', median(own.map(({ p50 }) => p50 / 1000))), row('p99', 'ms', median(own.map(({ p99 }) => p99 / 1000)))]
    return [
      row('CPU per request', 'µs', median(own.map(({ us }) => us))),
      row(`ratio to ${base === haproxyTcp || base === haproxy ? 'haproxy' : 'nginx'}`, '', median(own.map(({ us }, n) => us / bases[n]!.us))),
      row('requests', '/s', median(own.map(({ rps }) => rps))),
      ...latencies,
      row('errors', '', own.reduce((sum, { errors }) => sum + errors, 0)),
      row('memory', 'MiB', median(own.map(({ rss }) => rss)))
    ].filter(({ value }) => Number.isFinite(value))
  }))
}

/** `npm run bench -- proxy`: needs nginx, haproxy, caddy, h2load, openssl, taskset and a C compiler. */
export async function benchProxy ({ quick }: { readonly quick: boolean }): Promise<readonly BenchRow[]> {
  for (const [tool, aptPackage] of [['nginx', 'nginx-light'], ['haproxy', 'haproxy'], ['caddy', 'caddy'], ['h2load', 'nghttp2-client'], ['openssl', 'openssl'], ['cc', 'gcc libc6-dev'], ['taskset', 'util-linux']] as const) need(tool, aptPackage)
  needFile('/usr/lib/nginx/modules/ngx_stream_module.so', 'libnginx-mod-stream')
  const { mkdtemp, readFile } = await import('node:fs/promises')
  const out = join(await mkdtemp(join(tmpdir(), 'gwc-bench-rows-')), 'rows.json')
  const args = [out, ...(quick ? ['--quick'] : [])]
  if (!reenter(args)) return await measure(quick)
  return JSON.parse(await readFile(out, 'utf8')) as BenchRow[]
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { writeFile } = await import('node:fs/promises')
  const [out, flag] = process.argv.slice(2)
  const rows = await measure(flag === '--quick' || out === '--quick')
  if (out !== undefined && !out.startsWith('--')) await writeFile(out, JSON.stringify(rows))
  else process.stdout.write(`${(await import('./table.ts')).table(rows)}\n`)
}

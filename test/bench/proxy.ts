import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './median.ts'
import { cpuMicroseconds, residentMebibytes } from './process-cost.ts'
import type { BenchRow } from './row.ts'
import { fastifyHttpProxy, gwc, haproxy, need, nginx, start, stop, type Subject } from './subjects.ts'

/*
 * What a proxied request costs. Gateway pinned to CPU 0, load generator with the upstream inside on CPU 1, 64 kept-alive
 * connections, interleaved repetitions, medians; ratios are paired with nginx of the same repetition. Where the system allows it
 * everything runs in a network namespace of its own with TCP reno, for some hosts pace even loopback.
 */
const browserHead = [
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  'Accept: application/json, text/plain, */*', 'Accept-Encoding: gzip, deflate, br, zstd', 'Accept-Language: en-US,en;q=0.9,fr;q=0.8',
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; ids=GA1.2.1234567890.1234567890',
  `Authorization: Bearer ${'x'.repeat(240)}`, 'Referer: https://app.example.com/dashboard/overview?tab=metrics&range=24h',
  'Origin: https://app.example.com', 'Sec-Fetch-Mode: cors', 'Sec-Fetch-Site: same-site', 'Cache-Control: no-cache'
]
const scenarios: readonly { readonly name: string, readonly load: readonly string[] }[] = [
  { name: 'small GET', load: ['-P', '/s'] },
  { name: '1 KiB head', load: ['-P', '/s?user=12345&fields=id,name,tags', '-V', ...browserHead.flatMap((field) => ['-H', field])] },
  { name: '10 KiB body', load: ['-P', '/m'] },
  { name: '1 KiB POST', load: ['-P', '/s', '-m', 'POST', '-b', '1024', '-H', 'Content-Type: application/json'] },
  { name: '1 MiB body', load: ['-P', '/l'] }
]

interface Sample { readonly us: number, readonly rps: number, readonly p50: number, readonly p99: number, readonly errors: number, readonly rss: number }

async function load (lg: string, pid: number, port: number, upstream: number, args: readonly string[], seconds: number): Promise<Sample> {
  const child = spawn('taskset', ['-c', '1', lg, '-p', String(port), '-u', String(upstream), '-c', '64', '-d', String(seconds), '-w', '1', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
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
  const lg = join(folder, 'lg')
  execFileSync('cc', ['-O2', '-w', '-o', lg, fileURLToPath(new URL('../../../test/bench/load/lg.c', import.meta.url))])
  const subjects: readonly Subject[] = [nginx, haproxy, gwc, fastifyHttpProxy]
  const samples = new Map<string, Sample[]>()
  const repetitions = quick ? 1 : 3
  try {
    for (let repetition = 0; repetition < repetitions; repetition++) {
      for (const subject of subjects) {
        const place = { folder: join(folder, String(repetition)), port: 18080, upstream: 19000 }
        const child = await start(subject, place, 0)
        try {
          for (const scenario of scenarios) {
            const key = `${scenario.name}\0${subject.name}`
            samples.set(key, [...samples.get(key) ?? [], await load(lg, child.pid!, place.port, place.upstream, scenario.load, quick ? 1 : 4)])
          }
        } finally {
          await stop(child, place.port)
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return scenarios.flatMap((scenario) => subjects.flatMap((subject) => {
    const own = samples.get(`${scenario.name}\0${subject.name}`)!
    const base = samples.get(`${scenario.name}\0nginx`)!
    const row = (metric: string, unit: string, value: number): BenchRow => ({ bench: 'proxy', scenario: scenario.name, subject: subject.name, metric, value, unit })
    return [
      row('CPU per request', 'µs', median(own.map(({ us }) => us))),
      row('ratio to nginx', '', median(own.map(({ us }, n) => us / base[n]!.us))),
      row('requests', '/s', median(own.map(({ rps }) => rps))),
      row('p50', 'ms', median(own.map(({ p50 }) => p50 / 1000))),
      row('p99', 'ms', median(own.map(({ p99 }) => p99 / 1000))),
      row('errors', '', own.reduce((sum, { errors }) => sum + errors, 0)),
      row('memory', 'MiB', median(own.map(({ rss }) => rss)))
    ]
  }))
}

/** `npm run bench -- proxy`: needs nginx, haproxy, taskset and a C compiler. */
export async function benchProxy ({ quick }: { readonly quick: boolean }): Promise<readonly BenchRow[]> {
  for (const [tool, aptPackage] of [['nginx', 'nginx-light'], ['haproxy', 'haproxy'], ['cc', 'gcc libc6-dev'], ['taskset', 'util-linux']] as const) need(tool, aptPackage)
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

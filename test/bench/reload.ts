import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, createServer, get, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as delay } from 'node:timers/promises'
import { median } from './median.ts'
import { benchPrepare } from './prepare.ts'
import type { BenchRow } from './row.ts'
import { compileBundle, need, serveCommand, start, stop, type Place, type Subject } from './subjects.ts'

/*
 * A reload under load, seen from outside: 16 kept-alive clients ask for /s without pause while the configuration is replaced by one
 * that sends /s to another upstream. Measured are the time until the first and until every answer comes from the new upstream,
 * the longest single request, and requests that failed.
 */
const root = fileURLToPath(new URL('../../../', import.meta.url))
const clients = 16

interface Reloadable extends Subject {
  /** What is done before the clock starts. */
  prepare (place: Place): void
  /** Makes the running gateway send /s to `upstream`. */
  reload (place: Place): void
}

function nginxWith (routes: number): Reloadable {
  const write = ({ folder, port, upstream }: Place): string => {
    const locations = Array.from({ length: routes }, (_, n) => `location /api/v${n % 3}/service${n}/items/ { proxy_pass http://up; }`).join('\n')
    const text = readFileSync(join(root, 'test/bench/peers/nginx-reload.conf'), 'utf8')
    const file = join(folder, 'nginx.conf')
    writeFileSync(file, text.replaceAll('@OUT@', folder).replaceAll('@PORT@', String(port)).replaceAll('@UPSTREAM@', String(upstream)).replace('@LOCATIONS@', () => locations))
    return file
  }
  return {
    name: 'nginx -s reload',
    command: (place) => ['nginx', '-e', join(place.folder, 'nginx.err'), '-c', write(place)],
    prepare: () => {},
    reload: (place) => {
      const file = write(place)
      execFileSync('nginx', ['-e', join(place.folder, 'nginx.err'), '-c', file, '-s', 'reload'], { stdio: 'ignore' })
    }
  }
}

function gwcWith (routes: number): Reloadable {
  const compileTo = (place: Place, name: string): string => compileBundle(place, {
    listeners: { public: { port: place.port, address: '127.0.0.1' } },
    upstreams: { up: { targets: [`http://127.0.0.1:${place.upstream}`] } },
    routes: [{ match: 'GET /s', to: 'up' }, ...Array.from({ length: routes }, (_, n) => ({ match: `/api/v${n % 3}/service${n}/items/:id`, to: 'up' }))]
  }, name)
  return {
    name: 'gwc',
    command: (place) => serveCommand(place, compileTo(place, 'gateway.bundle.json')),
    prepare: (place) => { compileTo(place, 'next.bundle.json') },
    // Compiled beforehand, as by CI; the clock starts when the file appears, as nginx's does when its file is written.
    reload: (place) => renameSync(join(place.folder, 'next.bundle.json'), join(place.folder, 'gateway.bundle.json'))
  }
}

interface Traffic {
  failed: number
  longest: number
  /** When each client last got an answer of the old upstream, in milliseconds. */
  readonly lastOld: number[]
  firstNew: number
  readonly stop: () => Promise<void>
}

function traffic (port: number): Traffic {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  let running = true
  const state = { failed: 0, longest: 0, lastOld: Array.from({ length: clients }, () => 0), firstNew: Infinity }
  const one = async (client: number): Promise<void> => {
    const begun = performance.now()
    await new Promise<void>((resolve) => {
      const done = (): void => {
        state.longest = Math.max(state.longest, performance.now() - begun)
        resolve()
      }
      get({ port, host: '127.0.0.1', path: '/s', agent }, (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (part: string) => { body += part }).on('error', () => { state.failed++ }).on('close', () => {
          if (response.statusCode !== 200) state.failed++
          else if (body === 'old') state.lastOld[client] = performance.now()
          else if (performance.now() < state.firstNew) state.firstNew = performance.now()
          done()
        })
      }).on('error', () => {
        state.failed++
        done()
      })
    })
  }
  const loops = Array.from({ length: clients }, async (_, client) => {
    while (running) await one(client)
  })
  return Object.assign(state, {
    stop: async () => {
      running = false
      await Promise.all(loops)
      agent.destroy()
    }
  })
}

async function upstream (answer: string): Promise<Server> {
  const server = createServer((_, response) => { response.end(answer) })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  return server
}

async function once (subject: Reloadable, folder: string): Promise<{ first: number, all: number, longest: number, failed: number }> {
  mkdirSync(folder, { recursive: true })
  const [old, next] = [await upstream('old'), await upstream('new')]
  const port = 18_081
  const place = { folder, port, upstream: (old.address() as AddressInfo).port }
  const nextPlace = { ...place, upstream: (next.address() as AddressInfo).port }
  const child = await start(subject, place, 0)
  try {
    subject.prepare(nextPlace)
    const load = traffic(port)
    await delay(1000)
    load.longest = 0
    const begun = performance.now()
    subject.reload(nextPlace)
    await delay(4000)
    await load.stop()
    return { first: load.firstNew - begun, all: Math.max(...load.lastOld) - begun, longest: load.longest, failed: load.failed }
  } finally {
    await stop(child, port)
    old.close()
    next.close()
    old.closeAllConnections()
    next.closeAllConnections()
  }
}

/** `npm run bench -- reload`: needs nginx. */
export async function benchReload ({ quick }: { readonly quick: boolean }): Promise<readonly BenchRow[]> {
  need('nginx', 'nginx-light')
  const folder = mkdtempSync(join(tmpdir(), 'gwc-bench-reload-'))
  const rows: BenchRow[] = [...await benchPrepare({ quick })]
  try {
    for (const routes of quick ? [1000] : [10, 1000, 10_000]) {
      const subjects = [nginxWith(routes), gwcWith(routes)]
      const runs = new Map<string, Awaited<ReturnType<typeof once>>[]>()
      for (let repetition = 0; repetition < (quick ? 1 : 3); repetition++) {
        for (const subject of subjects) {
          const run = await once(subject, join(folder, `${routes}-${repetition}-${subject.name.split(' ')[0]}`))
          runs.set(subject.name, [...runs.get(subject.name) ?? [], run])
        }
      }
      for (const [subject, own] of runs) {
        const row = (metric: string, unit: string, value: number): BenchRow => ({ bench: 'reload', scenario: `${routes} routes`, subject, metric, value, unit })
        rows.push(
          row('first new answer', 'ms', median(own.map(({ first }) => first))),
          row('last old answer', 'ms', median(own.map(({ all }) => all))),
          row('longest request', 'ms', median(own.map(({ longest }) => longest))),
          row('failed requests', '', own.reduce((sum, { failed }) => sum + failed, 0)))
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return rows
}

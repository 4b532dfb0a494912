import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import type { Server } from 'node:http'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { keptAliveClient } from '../support/live.ts'
import { median } from './median.ts'
import { residentMebibytes } from './process-cost.ts'
import { portOpen } from './subjects.ts'

/*
 * `npm run soak -- --minutes 60`: one gateway under mixed load for a long time, while its config reloads every two seconds and its servers
 * restart in turn. Prints resident memory, descriptors and failed requests; exits with 1 when memory or descriptors grow, a request failed, or a body
 * arrived changed.
 */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } })
const minutes = Number(values.minutes)
const port = 18_090
const folder = mkdtempSync(join(tmpdir(), 'gwc-soak-'))
const until = performance.now() + minutes * 60_000
let failed = 0
let served = 0

/** A server that restarts at its port. */
class Backend {
  port = 0
  #server: Server | undefined

  async start (): Promise<void> {
    const server = createServer((req, res) => {
      const hash = createHash('sha1')
      req.on('data', (part: Buffer) => { hash.update(part) })
      req.on('end', () => {
        const { 'x-sha1': expected } = req.headers
        if (expected !== undefined && expected !== hash.digest('hex')) res.statusCode = 422
        res.end('x'.repeat(req.url === '/large' ? 200_000 : 200))
      })
    })
    server.on('upgrade', (_req, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
      socket.on('error', () => {}).pipe(socket)
    })
    await new Promise<void>((resolve) => { server.listen(this.port, '127.0.0.1', resolve) })
    this.port = (server.address() as AddressInfo).port
    this.#server = server
  }

  async restart (): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server!.close(() => { resolve() })
      this.#server!.closeAllConnections()
    })
    await delay(500)
    await this.start()
  }
}

const backends = [new Backend(), new Backend(), new Backend()]
for (const backend of backends) await backend.start()

function writeConfig (round: number): void {
  const targets = backends.map((backend, n) => ({ url: `http://127.0.0.1:${backend.port}`, weight: 1 + (round + n) % 3 }))
  const upstream = { targets, health: { path: '/', interval: '500ms' }, retries: { max: 2, budget: 1 }, affinity: { by: 'header', name: 'x-session' }, connections: { pipelining: 1 + 7 * (round % 2) } }
  writeFileSync(join(folder, 'next.json'), JSON.stringify({ listeners: { public: { port, address: '127.0.0.1' } }, upstreams: { app: upstream }, routes: [{ match: '/*', to: 'app', policies: [{ 'rate-limit': { limit: 1_000_000, window: '1m' } }] }] }))
  renameSync(join(folder, 'next.json'), join(folder, 'gateway.config.json'))
}

async function reload (): Promise<void> {
  for (let round = 1; performance.now() < until; round++) {
    await delay(2_000)
    writeConfig(round)
  }
}

async function restarts (): Promise<void> {
  for (let n = 0; performance.now() < until; n++) {
    await delay(7_000)
    await backends[n % backends.length]!.restart()
  }
}

async function customer (n: number): Promise<void> {
  const client = keptAliveClient()
  for (let round = 0; performance.now() < until; round++) {
    const { status } = await client.get(`http://127.0.0.1:${port}/${round % 20 === 0 ? 'large' : 'small'}`, { 'x-session': `${n}-${round % 1_000}` }).catch(() => ({ status: 0 }))
    if (status === 200) served++
    else failed++
    await delay(5)
  }
  client.close()
}

/** Sends bodies that may not be sent again: when a server restarts, one may fail, but none may arrive changed. */
async function uploader (n: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let round = 0; performance.now() < until; round++) {
    const body = Buffer.alloc(1 + (round * 7_919) % 400_000, `${n} ${round}`)
    const status = await new Promise<number | undefined>((resolve) => {
      request({ port, host: '127.0.0.1', agent, method: 'POST', path: '/small', headers: { 'x-sha1': createHash('sha1').update(body).digest('hex'), ...round % 2 === 0 ? { 'content-length': body.length } : { 'transfer-encoding': 'chunked' } } }, (res) => {
        res.on('error', () => { resolve(undefined) }).on('end', () => { resolve(res.statusCode) }).resume()
      }).on('error', () => { resolve(undefined) }).end(body)
    })
    if (status === 200) served++
    else if (status === 422) failed++
    await delay(5)
  }
  agent.destroy()
}

/** Opens tunnels and connections and leaves them in every way that clients know. */
async function visitor (): Promise<void> {
  for (let round = 0; performance.now() < until; round++) {
    const socket = net.connect(port, '127.0.0.1').on('error', () => {})
    if (round % 3 === 0) socket.write('GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello')
    else if (round % 3 === 1) socket.write('POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf')
    else socket.write('GET /large HTTP/1.1\r\nHost: a\r\n\r\n')
    socket.resume()
    await delay(20)
    if (round % 2 === 0) socket.resetAndDestroy()
    else socket.end()
  }
}

writeConfig(0)
const cli = fileURLToPath(new URL('../../compiler/cli.js', import.meta.url))
const gateway = spawn(process.execPath, [cli, 'serve', '--config', join(folder, 'gateway.config.json'), '--state-dir', join(folder, 'state')], { stdio: ['ignore', 'ignore', 'inherit'] })
while (!await portOpen(port)) await delay(50)

const samples: { readonly rss: number, readonly descriptors: number }[] = []
const watching = setInterval(() => {
  samples.push({ rss: residentMebibytes(gateway.pid!), descriptors: readdirSync(`/proc/${gateway.pid}/fd`).length })
  const { rss, descriptors } = samples.at(-1)!
  process.stdout.write(`${((samples.length * minutes) / 60).toFixed(1)} min: ${rss.toFixed(0)} MiB, ${descriptors} descriptors, ${served} served, ${failed} failed\n`)
}, minutes * 1_000)
await Promise.all([reload(), restarts(), visitor(), ...Array.from({ length: 4 }, (_, n) => uploader(n)), ...Array.from({ length: 16 }, (_, n) => customer(n))])
clearInterval(watching)
gateway.kill('SIGTERM')
await new Promise((resolve) => gateway.once('exit', resolve))
rmSync(folder, { recursive: true, force: true })

// The first fifth warms up.
const [early, late] = [samples.slice(12, 28), samples.slice(-16)]
const grown = (pick: (sample: typeof samples[number]) => number, slack: number): boolean => median(late.map(pick)) > median(early.map(pick)) * 1.1 + slack
const verdicts = [grown(({ rss }) => rss, 10) && 'memory grows', grown(({ descriptors }) => descriptors, 20) && 'descriptors grow', failed > 0 && `${failed} requests failed`].filter((verdict) => verdict !== false)
process.stdout.write(`${verdicts.length === 0 ? 'flat, and nothing failed' : verdicts.join('; ')}\n`)
process.exit(verdicts.length === 0 ? 0 : 1)

import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { residentMebibytes } from './process-cost.ts'
import type { BenchRow } from './row.ts'
import { compileBundle, fastifyHttpProxy, serveCommand, start, stop } from './subjects.ts'
import type { Place, Subject } from './subjects.ts'

/*
 * `npm run bench -- memory`: resident memory with 10,000 routes, before and after 10,000 clients have each asked once and stay connected,
 * and when V8 has tidied up because nothing happens, which takes it half a minute.
 * The peer has one route for all. Needs 10,100 descriptors here and in the gateway (`ulimit -n`).
 */
const routes = 10_000
const port = 18_082
const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

const gwc: Subject = {
  name: 'gwc',
  command: (place) => serveCommand(place, compileBundle(place, {
    listeners: { public: { port: place.port, address: '127.0.0.1' } },
    upstreams: { up: { targets: [`http://127.0.0.1:${place.upstream}`] } },
    routes: Array.from({ length: routes }, (_, n) => ({ match: `/api/v${n % 3}/service${n}/items/:id`, to: 'up' }))
  }))
}

/** A client that has had its answer and keeps its connection. */
async function ask (n: number): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    // A port for each needs more addresses than one.
    const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + (n % 50)}` }, () => {
      socket.write(`GET /api/v${n % 3}/service${n % routes}/items/${n} HTTP/1.1\r\nHost: gateway\r\nAccept: */*\r\n\r\n`)
    })
    socket.once('data', (bytes) => {
      if (bytes.toString().startsWith('HTTP/1.1 200')) resolve(socket)
      else reject(new Error(bytes.toString()))
    })
    socket.on('error', reject)
  })
}

async function measure (subject: Subject, place: Place, clients: number, quiet: number): Promise<{ routes: number, clients: number, tidied: number }> {
  const child = await start(subject, place, 0)
  const sockets: Socket[] = []
  try {
    await delay(3000)
    const before = residentMebibytes(child.pid!)
    while (sockets.length < clients) sockets.push(...await Promise.all(Array.from({ length: 100 }, (_, n) => ask(sockets.length + n))))
    await delay(1000)
    const after = residentMebibytes(child.pid!)
    await delay(quiet)
    const tidied = residentMebibytes(child.pid!)
    if (sockets.some(({ destroyed, readableEnded }) => destroyed || readableEnded)) throw new Error(`${subject.name} closed idle connections`)
    return { routes: before, clients: after, tidied }
  } finally {
    for (const socket of sockets) socket.destroy()
    await stop(child, port)
  }
}

export async function benchMemory ({ quick }: { readonly quick: boolean }): Promise<readonly BenchRow[]> {
  const clients = quick ? 1000 : 10_000
  const folder = mkdtempSync(join(tmpdir(), 'gwc-bench-memory-'))
  const upstream = createServer((socket) => { socket.on('data', () => { socket.write(answer) }).on('error', () => {}) }).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const rows: BenchRow[] = []
  try {
    for (const subject of [gwc, fastifyHttpProxy]) {
      const name = subject.name.replaceAll('/', '-')
      const measured = await measure(subject, { folder: join(folder, name), port, upstream: (upstream.address() as AddressInfo).port }, clients, quick ? 0 : 45_000)
      const row = { bench: 'memory', subject: subject.name, metric: 'resident', unit: 'MiB' }
      rows.push(
        { ...row, scenario: 'no client', value: measured.routes },
        { ...row, scenario: `${clients} idle clients`, value: measured.clients },
        { ...row, scenario: `${clients} idle clients, later`, value: measured.tidied })
    }
  } finally {
    upstream.close()
    rmSync(folder, { recursive: true, force: true })
  }
  return rows
}

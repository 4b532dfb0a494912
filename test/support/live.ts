import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compile } from '../../compiler/compile.ts'
import type { Bundle } from '../../schema/bundle.ts'
import { writeBundle } from '../../schema/bundle-file.ts'

/** A folder that whoever asks removes. */
export function temporaryFolder (): { readonly folder: string, remove (): void } {
  const folder = mkdtempSync(join(tmpdir(), 'gwc-live-'))
  return { folder, remove: () => { rmSync(folder, { recursive: true, force: true }) } }
}

/** Compiles a document as `gateway.config.json` and returns its bundle. Throws what the compiler finds. */
export async function bundleOf (document: object): Promise<Bundle> {
  const { folder, remove } = temporaryFolder()
  try {
    writeFileSync(join(folder, 'gateway.config.json'), JSON.stringify(document))
    const { bundle, diagnostics } = await compile({ cwd: folder, env: {} }, 'emit')
    if (bundle === undefined) throw new Error(`the test's config does not compile: ${JSON.stringify(diagnostics, null, 2)}`)
    return bundle
  } finally {
    remove()
  }
}

/** The text of the bundle as if it were made from the commit with this sequence: another digest, the same behaviour. */
export function revised (bundle: Bundle, sequence: number): string {
  return writeBundle({ ...bundle, revision: { commit: null, dirty: false, sequence } })
}

export interface TestUpstream {
  readonly port: number
  /** `http://127.0.0.1:port`. */
  readonly url: string
  /** Connections that were opened to it so far. */
  readonly opened: number
  close (): Promise<void>
}

/** Answers every request with its method and path; `/slow` streams until `finish` of the answer's request is called. */
export async function startUpstream (listener?: Parameters<typeof createServer>[1]): Promise<TestUpstream> {
  let opened = 0
  const server: Server = createServer({ keepAliveTimeout: 60_000 }, listener ?? ((req, res) => {
    req.resume()
    req.on('end', () => { res.end(`${req.method} ${req.url}`) })
  }))
  server.on('connection', () => { opened++ })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get opened () { return opened },
    async close () {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

export interface Answered {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** A client that keeps its connections. */
export interface Client {
  get (url: string, headers?: Readonly<Record<string, string>>): Promise<Answered>
  /** Connections that it opened so far. */
  readonly opened: number
  close (): void
}

export function keptAliveClient (sockets = 1): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets })
  const seen = new WeakSet<object>()
  let opened = 0
  return {
    get: (url, headers = {}) => new Promise((resolve, reject) => {
      const call = request(url, { agent, headers }, (response) => {
        let body = ''
        response.setEncoding('utf8')
        response.on('data', (part: string) => { body += part })
        response.on('error', reject)
        response.on('end', () => { resolve({ status: response.statusCode!, headers: response.headers, body }) })
      })
      call.on('socket', (socket) => {
        if (seen.has(socket)) return
        seen.add(socket)
        opened++
      })
      call.on('error', reject)
      call.end()
    }),
    get opened () { return opened },
    close () { agent.destroy() }
  }
}

/** Asks until the answer is as wanted; fails after `ms`. For what happens in other processes, where there is no event to wait for. */
export async function until<T> (ask: () => Promise<T>, wanted: (answer: T) => boolean, what: string, ms = 15_000): Promise<T> {
  const end = performance.now() + ms
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain for ${what}; the last answer was ${JSON.stringify(answer)}`)
    await new Promise((resolve) => { setTimeout(resolve, 15) })
  }
}

/** Whether something accepts connections on this port. */
export function answers (port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    }).on('error', () => { resolve(false) })
  })
}

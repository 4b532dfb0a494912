import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Forwarded } from '../trial.ts'

/** Stands for every upstream, on a loopback port. */
export interface StubUpstream {
  readonly port: number
  /** The last request since the last call, or undefined. */
  take (): Forwarded | undefined
  close (): Promise<void>
}

/** Answers 200 with `{}`, or (`echo`) with the request as JSON. */
export async function startStub (echo: boolean): Promise<StubUpstream> {
  let last: Forwarded | undefined
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => { parts.push(part) })
    request.on('end', () => {
      last = { method: request.method ?? '', target: request.url ?? '', headers: request.headers, body: Buffer.concat(parts).toString() }
      response.setHeader('content-type', 'application/json')
      response.end(echo ? JSON.stringify(last, null, 2) : '{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    take () {
      const taken = last
      last = undefined
      return taken
    },
    async close () {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

import { createServer } from 'node:http'
import net from 'node:net'

/*
 * Load of WebSocket messages: `node websocket.js PORT UPSTREAM_PORT SECONDS`. The upstream is inside and echoes bytes; 64 clients each send
 * one small message and wait for it to come back. Prints what the C load generator prints.
 */
const [port, upstream, seconds] = process.argv.slice(2).map(Number) as [number, number, number]
const clients = 64
const message = Buffer.alloc(125, 120)

const server = createServer()
server.on('upgrade', (_req, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n')
  socket.on('error', () => {}).on('data', (data) => { socket.write(data) })
})
await new Promise<void>((resolve) => { server.listen(upstream, '127.0.0.1', resolve) })

const latencies: number[] = []
let counting = false
let errors = 0
for (let n = 0; n < clients; n++) {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  let open = false
  let left = 0
  let sent = 0
  const send = (): void => {
    left = message.length
    sent = performance.now()
    socket.write(message)
  }
  socket.write('GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
  socket.on('error', () => { errors++ })
  socket.on('data', (data) => {
    if (!open) {
      open = data.includes('\r\n\r\n')
      if (open) send()
      return
    }
    if ((left -= data.length) > 0) return
    if (counting) latencies.push(performance.now() - sent)
    send()
  })
}

setTimeout(() => {
  counting = true
  process.stderr.write('BEGIN\n')
}, 1_000)
setTimeout(() => {
  counting = false
  process.stderr.write('END\n')
  latencies.sort((a, b) => a - b)
  const at = (share: number): number => (latencies[Math.floor(latencies.length * share)] ?? 0) * 1000
  process.stdout.write(`${JSON.stringify({ n: latencies.length, rps: latencies.length / seconds, p50: at(0.5), p99: at(0.99), errs: errors, non2xx: 0 })}\n`, () => process.exit(0))
}, 1_000 + seconds * 1_000)

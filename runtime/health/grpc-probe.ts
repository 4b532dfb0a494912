import http2 from 'node:http2'
import { createTlsClient } from '../upstream/socket.ts'
import type { StartProbe } from './probe.ts'

/** `HealthCheckResponse.ServingStatus.SERVING` */
const serving = 1
/** The answer is a few bytes; more is no answer. */
const maxAnswer = 1024

/** Calls `grpc.health.v1.Health/Check` (https://github.com/grpc/grpc/blob/master/doc/health-checking.md). */
export const grpcProbe: StartProbe = ({ target, health, tls }, done) => {
  const client = createTlsClient({ target, tls })
  const scheme = target.scheme === 'https' ? 'https' : 'http'
  const authority = `${target.host}:${target.port}`
  let over = false
  const finish = (failure: string | undefined): void => {
    if (over) return
    over = true
    session.destroy()
    done(failure)
  }
  const session = http2.connect(`${scheme}://${authority}`, client === undefined ? {} : { ...client.options, ALPNProtocols: ['h2'] })
  session.on('error', (error: NodeJS.ErrnoException) => { finish(error.code ?? error.message) })
  session.on('close', () => { finish('closed') })
  const stream = session.request({ ':method': 'POST', ':path': '/grpc.health.v1.Health/Check', ':authority': health.host ?? authority, 'content-type': 'application/grpc', te: 'trailers', 'user-agent': 'gwc-health' })
  const parts: Buffer[] = []
  let size = 0
  let status: string | undefined
  const told = (fields: http2.IncomingHttpHeaders): void => { status = (fields['grpc-status'] as string | undefined) ?? status }
  stream.on('response', (fields) => {
    told(fields)
    if (fields[':status'] !== 200) finish(`status ${fields[':status']}`)
  })
  stream.on('trailers', told)
  stream.on('data', (part: Buffer) => {
    parts.push(part)
    size += part.length
    if (size > maxAnswer) finish('no gRPC answer')
  })
  // When it is the session that fails, it says why after its streams have.
  stream.on('error', (error: NodeJS.ErrnoException) => { setImmediate(() => { finish(error.code ?? error.message) }) })
  stream.on('end', () => {
    setImmediate(() => {
      if (status !== '0') finish(`grpc-status ${status ?? 'missing'}`)
      else finish(servingStatus(Buffer.concat(parts)) === serving ? undefined : 'not serving')
    })
  })
  stream.end(frame(health.service))
  return { cancel: () => { over = true; session.destroy() } }
}

/** A message with one string in field 1, in the framing of gRPC. */
function frame (service: string): Buffer {
  const text = Buffer.from(service)
  const message = text.length === 0 ? text : Buffer.concat([Buffer.from([0x0a]), varint(text.length), text])
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

function varint (value: number): Buffer {
  return value < 0x80 ? Buffer.from([value]) : Buffer.from([value & 0x7f | 0x80, value >> 7])
}

/** The enum in field 1 of an uncompressed message; 0 when it is not there, -1 for anything else. */
function servingStatus (bytes: Buffer): number {
  if (bytes.length < 5 || bytes[0] !== 0 || bytes.readUInt32BE(1) !== bytes.length - 5) return -1
  if (bytes.length === 5) return 0
  return bytes.length === 7 && bytes[5] === 0x08 ? bytes[6]! : -1
}

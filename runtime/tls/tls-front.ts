import type { Socket } from 'node:net'
import tls from 'node:tls'
import type { TLSSocket, TlsOptions } from 'node:tls'
import type { ResolvedTls } from '../../schema/resolved.ts'
import type { Secrets } from '../secrets.ts'
import { certificateCovers, createCertificates } from './certificates.ts'
import type { Certificate } from './certificate.ts'
import type { Secured } from './secured.ts'

/** Ends TLS on the connections of a listener. */
export interface TlsFront {
  /** Shakes hands; `done` is told when that has succeeded, and the socket is closed when it has not. */
  secure (socket: Socket, done: (socket: TLSSocket, secured: Secured) => void): void
  close (): void
}

export interface TlsFrontOptions {
  readonly tls: ResolvedTls
  /** Protocols offered, the best first (ALPN). */
  readonly protocols: readonly string[]
  /** Milliseconds for a handshake. */
  readonly handshake: number
  readonly secrets: Secrets
  readonly wall: () => number
  readonly warn: (reason: string) => void
}

/** Throws when certificates cannot be used. */
export function createTlsFront ({ tls: { certificates: source, unknownHost, minVersion, clientCertificates }, protocols, handshake, secrets, wall, warn }: TlsFrontOptions): TlsFront {
  const authority = clientCertificates === null ? {} : { ca: secrets.read(clientCertificates.ca.$secret) }
  const context = { minVersion: `TLSv${minVersion}`, ...authority } as const
  const certificates = createCertificates({ certificates: source, context, secrets, wall, warn })
  const required = clientCertificates?.mode === 'required'
  const waiting = new Map<string, (socket: TLSSocket, secured: Secured) => void>()
  let server: tls.Server | undefined
  let shown: Certificate | undefined

  const options: TlsOptions = {
    ...context,
    ALPNProtocols: [...protocols],
    requestCert: clientCertificates !== null,
    rejectUnauthorized: required,
    handshakeTimeout: handshake,
    SNICallback (name, answer) {
      const found = certificates.find(name.toLowerCase()) ?? (unknownHost === 'default' ? certificates.fallback : undefined)
      if (found === undefined) answer(new Error('no certificate has the name that was asked for'))
      else answer(null, found.context)
    }
  }

  /** The server of the default certificate as it is now; it never listens. */
  function current (): tls.Server {
    if (server !== undefined && shown === certificates.fallback) return server
    shown = certificates.fallback
    server = tls.createServer({ ...options, ...shown.pem })
    server.on('secureConnection', arrived)
    server.on('tlsClientError', (_error, socket) => { socket.destroy() })
    return server
  }

  function arrived (socket: TLSSocket): void {
    socket.on('error', () => {}) // `close` follows
    const key = keyOf(socket)
    const done = waiting.get(key)
    waiting.delete(key)
    const certificate = clientCertificates === null ? undefined : socket.getPeerX509Certificate()
    if (done === undefined || (certificate !== undefined && !socket.authorized)) {
      socket.destroy()
      return
    }
    const name = typeof socket.servername === 'string' ? socket.servername.toLowerCase() : undefined
    const used = name === undefined ? undefined : certificates.find(name) ?? certificates.fallback
    done(socket, {
      protocol: socket.alpnProtocol === false || socket.alpnProtocol === null ? 'http/1.1' : socket.alpnProtocol,
      // A client certificate was asked for in the name of one host: it says nothing to another.
      covers: (host) => name === undefined || host === name || (!required && used !== undefined && certificateCovers(used, host)),
      clientCertificate: certificate === undefined ? undefined : `:${certificate.raw.toString('base64')}:`
    })
  }

  return {
    secure (socket, done) {
      const key = keyOf(socket)
      waiting.set(key, done)
      socket.once('close', () => { if (waiting.get(key) === done) waiting.delete(key) })
      socket.on('error', () => {})
      current().emit('connection', socket)
    },
    close: certificates.close
  }
}

function keyOf ({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`
}

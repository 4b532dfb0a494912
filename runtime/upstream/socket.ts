import { X509Certificate } from 'node:crypto'
import net from 'node:net'
import tls from 'node:tls'
import type { ResolvedTarget } from '../../schema/resolved.ts'
import { canReadDirectly, readDirectly } from './direct-read.ts'
import type { Reader } from './direct-read.ts'
import type { PoolOptions } from './pool.ts'

/** What a socket tells its connection. */
export interface SocketEvents {
  opened (): void
  read (bytes: Buffer, length: number): void
  /** The buffer of the next read. */
  buffer (): Buffer
  drained (): void
  ended (): void
  /** An error's code; `closed` follows. */
  failed (code: string): void
  closed (): void
}

export type TargetSocket = net.Socket

/** What all TLS connections of a pool share. */
export interface TlsClient {
  readonly options: tls.ConnectionOptions
  /** Of the latest handshake, for the next one. */
  session: Buffer | undefined
}

/** TLS settings of a target; throws for certificate authorities that are no PEM. Undefined for `http:` targets. */
export function createTlsClient ({ target, tls: { verify, serverName, ca, certificate, key } }: Pick<PoolOptions, 'target' | 'tls'>): TlsClient | undefined {
  if (target.scheme !== 'https') return undefined
  const name = serverName ?? bare(target.host)
  if (ca !== null) checkAuthorities(ca)
  return {
    options: {
      secureContext: tls.createSecureContext({ ...(ca === null ? {} : { ca }), ...(certificate === null || key === null ? {} : { cert: certificate, key }) }),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: verify,
      checkServerIdentity: (_host, certificate) => tls.checkServerIdentity(name, certificate),
      ...(net.isIP(name) === 0 ? { servername: name } : {}),
    },
    session: undefined,
  }
}

/** Node leaves out what it cannot parse, and would then trust nobody: say so before. */
function checkAuthorities (pem: string): void {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g)
  if (certificates === null) throw new Error('no PEM certificate among the certificate authorities')
  for (const certificate of certificates) new X509Certificate(certificate)
}

/** Opens a connection to a target, with TLS where its scheme asks for it; `preface` goes before everything else. Listeners are attached once, for the life of the socket. */
export function openSocket (target: ResolvedTarget, client: TlsClient | undefined, events: SocketEvents, preface?: Buffer): TargetSocket {
  const socket = client === undefined ? openTcp(target, events, preface) : openTls(target, client, events, preface)
  socket.on('drain', events.drained)
  socket.on('end', events.ended)
  socket.on('error', (error: NodeJS.ErrnoException & { errors?: readonly NodeJS.ErrnoException[] }) => {
    events.failed(error.code ?? error.errors?.[0]?.code ?? error.message)
  })
  socket.on('close', events.closed)
  return socket
}

function openTcp ({ host, port }: ResolvedTarget, events: SocketEvents, preface: Buffer | undefined): net.Socket {
  const reader: Reader = {
    nextBuffer: events.buffer,
    takeRead: (bytes, length) => {
      events.read(bytes, length)
      return true
    },
  }
  const socket = net.connect({
    host: bare(host),
    port,
    noDelay: true,
    allowHalfOpen: true, // an end is looked at before the socket is destroyed
    onread: { buffer: events.buffer, callback: (length, bytes) => reader.takeRead(bytes as Buffer, length) },
  }, () => {
    if (canReadDirectly(socket)) readDirectly(socket, reader, true)
    events.opened()
  })
  if (preface !== undefined) socket.write(preface)
  return socket
}

function openTls ({ host, port }: ResolvedTarget, client: TlsClient, events: SocketEvents, preface: Buffer | undefined): net.Socket {
  const session = client.session === undefined ? {} : { session: client.session }
  const raw = preface === undefined ? undefined : net.connect({ host: bare(host), port, allowHalfOpen: true })
  // Written before TLS takes the socket over, it leaves before the first message of TLS.
  if (raw !== undefined) raw.on('error', () => {}).write(preface!)
  const options = { ...client.options, ...session, ...(raw === undefined ? { host: bare(host), port } : { socket: raw }), allowHalfOpen: true }
  const socket = tls.connect(options, events.opened)
  socket.setNoDelay(true)
  socket.on('session', (session: Buffer) => { client.session = session })
  socket.on('data', (bytes: Buffer) => events.read(bytes, bytes.length))
  return socket
}

/** An IPv6 literal without its brackets. */
function bare (host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host
}

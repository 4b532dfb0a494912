import type { TunnelResult } from '../tunnel/tunnel.ts'
import type { ConnectionEnds } from '../upstream/proxy-preface.ts'
import type { TargetConnection } from '../upstream/target-connection.ts'
import type { Secured } from '../tls/secured.ts'
import type { Transaction } from './transaction.ts'
import type { TrustedProxies } from './trusted-proxies.ts'

/** A client's connection as its transactions need it. Each lane implements it. */
export interface Client {
  /** Address of the peer, without the IPv4-in-IPv6 prefix. */
  readonly peer: string
  /** Of its connection; `address` is the client's behind a PROXY protocol header. */
  readonly ends: ConnectionEnds
  /** What TLS has settled; undefined: clear text. */
  readonly secured: Secured | undefined
  /** Whether the peer is one of these proxies. */
  isTrusted (proxies: TrustedProxies): boolean
  /** The connection closes with the response of the current request: what the client has sent after it is not served. */
  closeAfterThis (): void
  /** The transaction waits for the client to send more of its body. */
  awaitBody (ms: number): void
  bodyArrived (): void
  /** Answers 101, and passes bytes between client and target until one of them ends it. Nothing else is heard of the request. */
  switchProtocols (fields: readonly string[], protocol: string, target: TargetConnection, idle: number, ended: (result: TunnelResult) => void): void
  /** Whether the rest of a body of this length (-1: unknown) may be read for nobody, to keep the connection. */
  canDrain (contentLength: number): boolean
  /** Reads the rest of a request that is answered already, for a while, and calls `done`: a close with unread bytes would destroy the answer on its way. */
  linger (body: BodySource, done: () => void): void
  /** The response of a transaction has ended. */
  done (transaction: Transaction, body: BodySource): void
}

/** The body of a request as it comes from the client. */
export interface BodySource {
  /** All of it has been received, or it has none. */
  readonly complete: boolean
  readonly paused: boolean
  /** Begins to give it to the sink, which replaces the one before. */
  read (sink: BodySink): void
  /** Nobody takes it any more. */
  leave (): void
  pause (): void
  resume (): void
}

export interface BodySink {
  /** A part; the bytes stay valid. */
  data (part: Buffer): void
  end (): void
}

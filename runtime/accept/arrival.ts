import type { Socket } from 'node:net'
import type { ConnectionEnds } from '../upstream/proxy-preface.ts'
import type { Secured } from '../tls/secured.ts'

/** A client's connection when it is ready for its protocol. */
export interface Arrival {
  readonly socket: Socket
  /** Address of the client, as the socket or a PROXY protocol header says. */
  readonly peer: string
  readonly ends: ConnectionEnds
  /** What TLS has settled; undefined: clear text. */
  readonly secured: Secured | undefined
  /** The socket has been read from, or is not TCP itself: its handle is not to be touched. */
  readonly wrapped: boolean
}

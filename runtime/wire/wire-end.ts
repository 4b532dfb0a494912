import type { Socket } from 'node:net'
import { resetConnection } from '../http/reset.ts'
import type { TunnelEnd } from '../tunnel/tunnel-end.ts'
import type { ReadBuffer } from '../upstream/read-buffer.ts'
import type { WireSocket } from './wire-socket.ts'

/** A client's socket as the end of a tunnel. */
export function wireEnd (wire: WireSocket): TunnelEnd {
  return endOf(wire.socket, (bytes, start, end) => wire.keep(bytes, start, end))
}

/** A socket to a target as the end of a tunnel; it reads into this buffer. */
export function socketEnd (socket: Socket, buffer: ReadBuffer): TunnelEnd {
  return endOf(socket, (bytes, start, end) => buffer.keep(bytes, start, end))
}

function endOf (socket: Socket, keep: TunnelEnd['keep']): TunnelEnd {
  return {
    keep,
    write: (bytes, done) => socket.write(bytes, done),
    end: () => { socket.end() },
    destroy: (reset) => {
      if (reset) resetConnection(socket)
      else socket.destroySoon()
    },
    pause: () => { socket.pause() },
    resume: () => { socket.resume() },
  }
}

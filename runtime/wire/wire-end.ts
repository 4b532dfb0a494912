import type { Socket } from 'node:net'
import { resetConnection } from '../http/reset.ts'
import type { TunnelEnd } from '../tunnel/tunnel-end.ts'
import { largestStaged } from '../upstream/direct-write.ts'
import type { DirectWriter } from '../upstream/direct-write.ts'
import { giveBack } from '../upstream/memory.ts'
import type { ReadBuffer } from '../upstream/read-buffer.ts'
import type { WireSocket } from './wire-socket.ts'

/** A client's socket as the end of a tunnel. */
export function wireEnd (wire: WireSocket): TunnelEnd {
  return endOf(wire.socket, wire.writer, {
    keep: (bytes, start, end) => wire.keep(bytes, start, end),
    pause: () => { wire.pause() },
    resume: () => { wire.resume() },
  })
}

/** A socket to a target as the end of a tunnel: what writes to it, and the buffer that it reads into. */
export function socketEnd (socket: Socket, writer: DirectWriter, buffer: ReadBuffer): TunnelEnd {
  return endOf(socket, writer, {
    keep: (bytes, start, end) => buffer.keep(bytes, start, end),
    pause: () => { socket.pause() },
    resume: () => { socket.resume() },
  })
}

function endOf (socket: Socket, writer: DirectWriter, reading: Pick<TunnelEnd, 'keep' | 'pause' | 'resume'>): TunnelEnd {
  return {
    ...reading,
    write: (bytes, start, end, from) => {
      if (end - start <= largestStaged) return writer.copy(bytes, start, end)
      const part = from.keep(bytes, start, end)
      return writer.bytes(part, () => { giveBack(part) })
    },
    end: () => { writer.end() },
    destroy: (reset) => {
      if (reset) resetConnection(socket)
      else writer.destroySoon()
    },
  }
}

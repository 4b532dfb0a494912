import type { Socket } from 'node:net'
import { streamBinding } from './stream-binding.ts'

/** What a TCP handle of this Node has for reading; not documented, hence tried for before use. */
interface ReadingHandle {
  onread?: (this: unknown, buffer: ArrayBuffer | undefined) => unknown
  reading?: boolean
  readStop? (): void
}

/**
 * Lets a socket that was made with the option `onread` hand its bytes over without the steps of its stream in between. Ends and errors go
 * the documented way, and so does everything where this Node does not have what it takes. `next` and `take` are what the option was given:
 * the buffer of the next read, and who takes what was read; false from `take` stops reading.
 */
export function readDirectly (socket: Socket, next: () => Buffer, take: (bytes: Buffer, length: number) => boolean): void {
  const { _handle: handle, _unrefTimer: touch } = socket as unknown as { _handle?: ReadingHandle | null, _unrefTimer?: () => void }
  const documented = handle?.onread
  if (streamBinding === undefined || handle == null || typeof documented !== 'function' || typeof handle.readStop !== 'function' || typeof touch !== 'function') return
  const { streamBaseState, kReadBytesOrError } = streamBinding
  let current = next()
  handle.onread = function (buffer) {
    const length = streamBaseState[kReadBytesOrError]!
    if (length <= 0) return documented.call(this, buffer)
    if (socket.timeout !== undefined) touch.call(socket)
    if (!take(current, length)) {
      handle.reading = false
      if (!socket.destroyed) handle.readStop!()
    }
    const following = next()
    return following === current ? undefined : current = following
  }
}

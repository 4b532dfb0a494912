import type { Socket } from 'node:net'
import { streamBinding } from './stream-binding.ts'

/** Who takes what a socket reads. None may throw. */
export interface Reader {
  /** The buffer of the next read. */
  nextBuffer (): Buffer
  /** `bytes` is what `nextBuffer` gave; so much of it has been read. False stops reading. */
  takeRead (bytes: Buffer, length: number): boolean
}

/** What a TCP handle of this Node has for reading; not documented, hence tried for before use. */
interface ReadingHandle {
  [reading]?: Reading
  onread: (this: ReadingHandle, buffer: ArrayBuffer | undefined) => unknown
  reading?: boolean
  readStart (): void
  readStop (): void
  /** Where the next read goes to. */
  useUserBuffer (buffer: Buffer): void
}

type Handled = Socket & { _handle?: ReadingHandle | null, _unrefTimer? (): void }

interface Reading {
  readonly socket: Handled
  readonly reader: Reader
  readonly documented: ReadingHandle['onread']
  current: Buffer
}

const reading = Symbol('reading')

/**
 * Lets a socket hand its bytes over without the steps of its stream in between. Ends and errors go the documented way. Only where
 * `canReadDirectly`. `prepared`: it was made with the option `onread`, and reads into what `nextBuffer` gives.
 */
export function readDirectly (socket: Handled, reader: Reader, prepared: boolean): void {
  const handle = socket._handle!
  const current = reader.nextBuffer()
  if (!prepared) handle.useUserBuffer(current)
  handle[reading] = { socket, reader, documented: handle[reading]?.documented ?? handle.onread, current }
  handle.onread = onRead
}

/** Nothing is read from now on; what TLS has decrypted already may still come. */
export function stopReading (socket: Handled): void {
  const handle = socket._handle
  if (handle == null || handle.reading !== true) return
  handle.reading = false
  handle.readStop()
}

export function startReading (socket: Handled): void {
  const handle = socket._handle
  if (handle == null || handle.reading === true || socket.destroyed) return
  handle.reading = true
  handle.readStart()
}

/** Whether this Node has what it takes, for this socket. */
export function canReadDirectly (socket: Handled): boolean {
  if (streamBinding === undefined || socket._handle == null || typeof socket._unrefTimer !== 'function') return false
  const { onread, readStart, readStop, useUserBuffer } = socket._handle
  return [onread, readStart, readStop, useUserBuffer].every((member) => typeof member === 'function')
}

/** One function for all handles: what it works on is with the handle. */
function onRead (this: ReadingHandle, buffer: ArrayBuffer | undefined): unknown {
  const { streamBaseState, kReadBytesOrError } = streamBinding!
  const length = streamBaseState[kReadBytesOrError]!
  const state = this[reading]!
  if (length <= 0) return state.documented.call(this, buffer)
  const { socket, reader } = state
  if (socket.timeout !== undefined) socket._unrefTimer!()
  if (!reader.takeRead(state.current, length)) stopReading(socket)
  const following = reader.nextBuffer()
  return following === state.current ? undefined : state.current = following
}

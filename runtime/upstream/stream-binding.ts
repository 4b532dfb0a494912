/** A write under way. `message`: what is written, as long as it lasts. */
export interface WriteRequest { oncomplete?: (status: number) => void, message?: unknown }

/** What Node's streams use to talk to the system; not documented, hence tried for before use. */
export interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest
  /** Results of the latest read and write, at these indices. */
  readonly streamBaseState: Int32Array
  readonly kReadBytesOrError: number
  readonly kLastWriteWasAsync: number
}

/** Undefined where this Node lacks it, and where only documented interfaces are asked for. */
export const streamBinding = probe()

function probe (): StreamBinding | undefined {
  if (process.env['GWC_LANE'] === 'wire-stream') return undefined
  try {
    const found = (process as unknown as { binding (name: string): Partial<StreamBinding> }).binding('stream_wrap')
    const { WriteWrap, streamBaseState, kReadBytesOrError, kLastWriteWasAsync } = found
    if (typeof WriteWrap !== 'function' || !ArrayBuffer.isView(streamBaseState) || typeof kReadBytesOrError !== 'number' || typeof kLastWriteWasAsync !== 'number') return undefined
    return { WriteWrap, streamBaseState, kReadBytesOrError, kLastWriteWasAsync }
  } catch {
    return undefined
  }
}

const { latin1Write, latin1Slice } = Buffer.prototype as {
  latin1Write?: (this: Buffer, text: string, at: number, size: number) => number
  latin1Slice?: (this: Buffer, start: number, end: number) => string
}

/** `bytes.write(text, at, 'latin1')`, without its checks where Node offers that. Returns the octets written. */
export const writeLatin1: (bytes: Buffer, text: string, at: number) => number = typeof latin1Write === 'function' && streamBinding !== undefined
  ? (bytes, text, at) => latin1Write.call(bytes, text, at, text.length)
  : (bytes, text, at) => bytes.write(text, at, 'latin1')

/** `bytes.toString('latin1', start, end)`, likewise. The range lies within the bytes. */
export const readLatin1: (bytes: Buffer, start: number, end: number) => string = typeof latin1Slice === 'function' && streamBinding !== undefined
  ? (bytes, start, end) => latin1Slice.call(bytes, start, end)
  : (bytes, start, end) => bytes.toString('latin1', start, end)

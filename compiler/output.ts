/** The part of a stream that output needs. */
interface Sink {
  readonly isTTY?: boolean
  write (text: string, done?: (error?: Error | null) => void): boolean
  on (event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
}

/** A stream that may be closed by its reader at any time, as `gwc routes | head` does: what comes later is dropped. */
export interface Output {
  write (text: string): void
  /** Resolves when all that was written has left the process. */
  flush (): Promise<void>
}

/** A reader that goes away ends no command, a server least of all. Other faults of the stream are rethrown by `flush`. */
export function createOutput (sink: Sink): Output {
  let closed = false
  let fault: Error | undefined
  sink.on('error', (error) => {
    closed = true
    if (error.code !== 'EPIPE') fault = error
  })
  return {
    write (text) {
      if (!closed && text !== '') sink.write(text.endsWith('\n') ? text : `${text}\n`)
    },
    async flush () {
      if (!closed) await new Promise<void>((resolve) => { sink.write('', () => { resolve() }) })
      if (fault !== undefined) throw fault
    }
  }
}

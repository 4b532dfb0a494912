import { Worker } from 'node:worker_threads'
import { decode } from './decode.ts'
import type { BundleInput, DecodedBundle } from './decode.ts'
import { rejection } from './rejection.ts'
import type { Rejection } from './rejection.ts'

/** Decodes bundles beside the event loop. */
export interface Decoder {
  decode (input: BundleInput): Promise<DecodedBundle | Rejection>
  close (): Promise<void>
}

/** Up to this many bytes, about a thousand routes, decoding takes less than 8 ms, and less than starting a thread. */
const small = 384 * 1024
/** How long a thread waits for the next bundle before it gives its memory back, in milliseconds. */
const patience = 2_000

/** One thread at a time, started when a large bundle comes. Calls must not overlap. */
export function createDecoder (): Decoder {
  let thread: Worker | undefined
  let timer: NodeJS.Timeout | undefined

  async function stop (): Promise<void> {
    clearTimeout(timer)
    const stopping = thread
    thread = undefined
    await stopping?.terminate()
  }

  return {
    async decode (input) {
      if (input.bytes.length <= small) return decode(input)
      clearTimeout(timer)
      const worker = thread ??= new Worker(new URL('./decode-worker.js', import.meta.url), { execArgv: [] })
      worker.ref()
      try {
        return await ask(worker, input)
      } catch (error) {
        await stop()
        return rejection('read', `the bundle cannot be decoded: ${(error as Error).message}`)
      } finally {
        worker.unref()
        timer = setTimeout(() => { void stop() }, patience).unref()
      }
    },
    close: stop
  }
}

function ask (worker: Worker, input: BundleInput): Promise<DecodedBundle | Rejection> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error | number): void => {
      worker.off('message', answered)
      reject(typeof cause === 'number' ? new Error(`the thread ended with ${cause}`) : cause)
    }
    const answered = (decoded: DecodedBundle | Rejection): void => {
      worker.off('error', failed).off('exit', failed)
      resolve(decoded)
    }
    worker.once('message', answered).once('error', failed).once('exit', failed)
    worker.postMessage(input)
  })
}

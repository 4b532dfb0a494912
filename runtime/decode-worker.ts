import { parentPort } from 'node:worker_threads'
import { invariant } from '../schema/invariant.ts'
import { buffersOf, decode } from './decode.ts'
import type { BundleInput } from './decode.ts'
import { isRejection } from './rejection.ts'

/** Entry of the thread that `decode-thread.ts` starts. */
invariant(parentPort !== null, 'decode-worker.ts runs in a thread')
const port = parentPort
port.on('message', (input: BundleInput) => {
  const decoded = decode(input)
  port.postMessage(decoded, isRejection(decoded) ? [] : buffersOf(decoded))
})

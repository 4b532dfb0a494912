import type { Call } from './call.ts'
import { unarmed } from './timeouts.ts'
import type { Timed } from './timeouts.ts'

/** A call in the queue of a pool; waits no longer than connecting may take. */
export class Waiting implements Timed {
  readonly timer = unarmed()
  readonly call: Call
  readonly expired: () => void

  constructor (call: Call, expired: () => void) {
    this.call = call
    this.expired = expired
  }
}

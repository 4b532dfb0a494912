import type { ResolvedEjection } from '../../schema/resolved.ts'
import type { Outcome } from './outcome.ts'

/** Failures in a row of one target, and its requests of this interval. */
export class Tally {
  good = 0
  bad = 0
  #serverErrors = 0
  #gatewayFailures = 0
  #connectFailures = 0

  /** Takes outcomes; returns why the target should be ejected, if it should. */
  take (outcome: Outcome, count: number, options: ResolvedEjection): string | undefined {
    if (outcome === 'success') {
      this.good += count
      this.#serverErrors = this.#gatewayFailures = this.#connectFailures = 0
      return undefined
    }
    this.bad += count
    const answered = outcome === 'server-error' || outcome === 'gateway-error'
    if (answered) this.#serverErrors++
    this.#gatewayFailures = outcome === 'server-error' ? 0 : this.#gatewayFailures + 1
    this.#connectFailures = outcome === 'connect-failure' ? this.#connectFailures + 1 : 0
    const { consecutiveServerErrors, consecutiveGatewayFailures, consecutiveConnectFailures } = options
    if (consecutiveServerErrors !== null && this.#serverErrors >= consecutiveServerErrors) return `${this.#serverErrors} responses 5xx in a row`
    if (consecutiveConnectFailures !== null && this.#connectFailures >= consecutiveConnectFailures) return `${this.#connectFailures} connections in a row that could not be made`
    if (consecutiveGatewayFailures !== null && this.#gatewayFailures >= consecutiveGatewayFailures) return `${this.#gatewayFailures} gateway failures in a row`
    return undefined
  }

  /** Forgets what was in a row. */
  clear (): void { this.#serverErrors = this.#gatewayFailures = this.#connectFailures = 0 }
}

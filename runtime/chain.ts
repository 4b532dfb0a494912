import type { Answer, Exchange } from '../schema/exchange.ts'
import type { Failure } from '../schema/failure.ts'
import { phases } from '../schema/policy.ts'
import type { Mode, Phase, PolicyHandler } from '../schema/policy.ts'
import { isToken } from '../schema/token.ts'

/** A policy of a bundle with its handler, as `prepare` makes it. Policies with mode `off` are not made. */
export interface LivePolicy {
  readonly id: string
  readonly name: string
  readonly mode: Exclude<Mode, 'off'>
  readonly phase: Phase
  readonly handler: PolicyHandler
  /** Adds one to a counter of this policy: `shadow-answers`, `errors`. */
  readonly count?: (name: string) => void
}

/** What a chain needs of a lane's exchange beyond what policies see. */
export interface ChainExchange extends Exchange {
  /** How many policies of the chain have begun their request phase; only those get `finish`. Kept by the chain. */
  reached: number
  /** The client has gone: no further handler is asked. */
  readonly gone: boolean
  /** Told of a handler that threw: a bug of ours or of a policy's author. */
  bug (error: unknown, policy: string): void
}

/** Why a request does not go on to the upstream. */
export type Verdict = Answer | Failure | undefined

/** The policies of a listener or route, ordered by phase. Immutable; all state is in the exchange and in the policies. */
export interface Chain {
  readonly policies: readonly LivePolicy[]
  /** Runs the request handlers; the first answer wins. A promise only when a handler returned one. Never throws. */
  request (exchange: ChainExchange): Verdict | Promise<Verdict>
  /** Runs every response handler before the head is sent. A failure means that the response must not be sent. Never throws. */
  response (exchange: ChainExchange): Failure | undefined | Promise<Failure | undefined>
  /** Runs once the response has ended. Never throws. */
  finish (exchange: ChainExchange): void
}

/** Composes policies once, at prepare time. Inside a phase the given order holds. */
export function createChain (policies: readonly LivePolicy[]): Chain {
  const ordered = [...policies].sort((a, b) => phases.indexOf(a.phase) - phases.indexOf(b.phase))
  return ordered.length === 0 ? emptyChain : new PolicyChain(ordered)
}

const joined = new WeakMap<Chain, WeakMap<Chain, Chain>>()

/** The chain of a listener followed, phase by phase, by that of a route. Joined once per pair. */
export function joinChains (listener: Chain, route: Chain): Chain {
  if (listener.policies.length === 0) return route
  if (route.policies.length === 0) return listener
  let partners = joined.get(listener)
  if (partners === undefined) joined.set(listener, partners = new WeakMap())
  let chain = partners.get(route)
  if (chain === undefined) partners.set(route, chain = createChain([...listener.policies, ...route.policies]))
  return chain
}

class PolicyChain implements Chain {
  readonly policies: readonly LivePolicy[]

  constructor (policies: readonly LivePolicy[]) { this.policies = policies }

  request (exchange: ChainExchange): Verdict | Promise<Verdict> { return this.#requestFrom(0, exchange) }

  #requestFrom (start: number, exchange: ChainExchange): Verdict | Promise<Verdict> {
    for (let i = start; i < this.policies.length; i++) {
      const policy = this.policies[i]!
      exchange.reached = i + 1
      if (policy.handler.request === undefined) continue
      const requestEdits = exchange.requestEdits.length
      const responseEdits = exchange.responseEdits.length
      let answer: Verdict | Promise<Answer | undefined>
      try {
        answer = policy.handler.request(exchange)
      } catch (error) {
        answer = broken(policy, exchange, error)
      }
      if (isPromise(answer)) {
        return answer.catch((error: unknown): Verdict => broken(policy, exchange, error)).then((late) => {
          const verdict = settle(policy, exchange, late, requestEdits, responseEdits)
          return verdict !== undefined || exchange.gone ? verdict : this.#requestFrom(i + 1, exchange)
        })
      }
      const verdict = settle(policy, exchange, answer, requestEdits, responseEdits)
      if (verdict !== undefined) return verdict
    }
    return undefined
  }

  response (exchange: ChainExchange): Failure | undefined | Promise<Failure | undefined> { return this.#responseFrom(0, exchange) }

  #responseFrom (start: number, exchange: ChainExchange): Failure | undefined | Promise<Failure | undefined> {
    for (let i = start; i < this.policies.length; i++) {
      const policy = this.policies[i]!
      if (policy.handler.response === undefined) continue
      const edits = exchange.responseEdits.length
      let failure: Failure | undefined
      try {
        const pending = policy.handler.response(exchange)
        if (isPromise(pending)) {
          return pending.then(() => undefined, (error: unknown) => broken(policy, exchange, error)).then((late) => {
            if (policy.mode === 'shadow') exchange.responseEdits.truncate(edits)
            return late ?? (exchange.gone ? undefined : this.#responseFrom(i + 1, exchange))
          })
        }
      } catch (error) {
        failure = broken(policy, exchange, error)
      }
      if (policy.mode === 'shadow') exchange.responseEdits.truncate(edits)
      if (failure !== undefined) return failure
    }
    return undefined
  }

  finish (exchange: ChainExchange): void {
    for (let i = 0; i < exchange.reached; i++) {
      const policy = this.policies[i]!
      try {
        policy.handler.finish?.(exchange)
      } catch (error) {
        broken(policy, exchange, error)
      }
    }
  }
}

const emptyChain: Chain = Object.freeze({ policies: [], request: () => undefined, response: () => undefined, finish: () => {} })

function settle (policy: LivePolicy, exchange: ChainExchange, verdict: Verdict, requestEdits: number, responseEdits: number): Verdict {
  const answer = isMalformed(verdict) ? broken(policy, exchange, new Error('the answer has a status or field name that HTTP does not know')) : verdict
  if (policy.mode === 'enforce') return answer
  exchange.requestEdits.truncate(requestEdits)
  exchange.responseEdits.truncate(responseEdits)
  if (answer !== undefined && !('kind' in answer)) policy.count?.('shadow-answers')
  return undefined
}

function isMalformed (verdict: Verdict): boolean {
  if (verdict === undefined || 'kind' in verdict) return false
  const { status, headers = [] } = verdict
  return !Number.isInteger(status) || status < 200 || status > 599 || !headers.every(([name]) => isToken(name))
}

/** A policy that throws decides nothing: enforced, the request fails closed; in shadow mode it passes. */
function broken (policy: LivePolicy, exchange: ChainExchange, error: unknown): Failure | undefined {
  policy.count?.('errors')
  exchange.bug(error, policy.id)
  return policy.mode === 'shadow' ? undefined : { kind: 'internal', detail: `policy ${policy.id}` }
}

function isPromise<T> (value: T | Promise<T>): value is Promise<T> {
  return typeof value === 'object' && value !== null && 'then' in value
}

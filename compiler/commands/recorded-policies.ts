import { registry } from '../../policies/registry.ts'
import type { Answer, Exchange } from '../../schema/exchange.ts'
import type { PolicyDecision } from '../trial.ts'
import type { AnyPolicy, PolicyDefinition, PolicyHandler, PolicyHost } from '../../schema/policy.ts'

/** The policies that are registered, each telling what it decides, in shadow mode too. */
export function recordedPolicies (note: (decision: PolicyDecision) => void): ReadonlyMap<string, AnyPolicy> {
  return new Map([...registry].map(([name, policy]) => {
    const definition = policy as unknown as PolicyDefinition<object>
    return [name, { ...definition, create: (options: object, host: PolicyHost) => recorded(definition.create(options, host), name, host.id, note) } as unknown as AnyPolicy]
  }))
}

function recorded (handler: PolicyHandler, name: string, id: string, note: (decision: PolicyDecision) => void): PolicyHandler {
  const { request } = handler
  if (request === undefined) return handler
  const told = (answer: Answer | undefined): Answer | undefined => {
    note({ id, name, answer: answer === undefined ? null : { status: answer.status, reason: answer.reason } })
    return answer
  }
  return Object.assign(Object.create(handler) as PolicyHandler, {
    request: (exchange: Exchange) => {
      const answer = request.call(handler, exchange)
      return answer instanceof Promise ? answer.then(told) : told(answer)
    }
  })
}

import type { TrialAnswer } from '../trial.ts'
import type { Expected } from './expectation.ts'

/** Everything that is not as expected, a line each. */
export function judge (expected: Expected, observed: TrialAnswer): readonly string[] {
  const wrong: string[] = []
  const compare = (what: string, wanted: unknown, found: unknown): void => {
    if (wanted !== undefined && wanted !== found) wrong.push(`${what}: expected ${text(wanted)}, is ${text(found)}`)
  }
  compare('route', expected.route, observed.route)
  compare('upstream', expected.upstream, observed.forwarded === null ? null : observed.upstream)
  if (expected.policies !== undefined && !isPart(expected.policies, observed.chain)) wrong.push(`policies: expected ${expected.policies.join(', ')}, are ${text(observed.chain.join(', '))}`)
  compare('status', expected.status, observed.status)
  compare('reason', expected.reason, observed.reason)
  compare('forwarded', expected.forwarded, observed.forwarded === null ? null : `${observed.forwarded.method} ${observed.forwarded.target}`)
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const found = observed.headers[name]
    const field = found === undefined ? undefined : String(found)
    if (typeof value === 'string' ? field !== value : field === undefined || !value.test(field)) wrong.push(`field ${name}: expected ${text(value)}, is ${text(field)}`)
  }
  return wrong
}

/** Whether all of `part` are in `whole`, in their order. */
function isPart (part: readonly string[], whole: readonly string[]): boolean {
  let from = 0
  return part.every((item) => {
    const at = whole.indexOf(item, from)
    from = at + 1
    return at >= 0
  })
}

function text (value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none'
  return String(value)
}

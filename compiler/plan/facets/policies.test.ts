import test from 'ava'
import type { BundlePolicy } from '../../../schema/bundle.ts'
import type { AnyPolicy, Comparison, Guard } from '../../../schema/policy.ts'
import type { Outcome } from '../outcomes.ts'
import type { FacetContext } from './facet.ts'
import { policies } from './policies.ts'

/* What a policy protects decides which weakening or breaking change it is; whether it is one, the policy says. */

const cases: readonly (readonly [guards: Guard, looser: string | undefined, stricter: string | undefined])[] = [
  ['authentication', 'W03', 'B03'], ['authorization', 'W04', 'B03'], ['rate', 'W05', 'B04'], ['address', 'W07', 'B03'], ['origins', 'W08', 'B03'],
  ['content', 'W10', 'B06'], ['fields', 'W11', undefined], ['cache', 'W13', undefined], ['nothing', undefined, undefined]
]

const standing = (options: BundlePolicy['options']): Outcome => ({
  reach: 'forward', listener: undefined, route: undefined, upstream: undefined, upstreamOwner: undefined,
  policies: [{ id: 'x', name: 'x', version: 1, mode: 'enforce', options }]
})

function codesOf (guards: Guard, comparison: Comparison): unknown {
  const opposite = { looser: 'stricter', stricter: 'looser', equal: 'equal', incomparable: 'incomparable' } as const
  const compare = (before?: { n: number }, after?: { n: number }): Comparison => (before?.n ?? 0) === (after?.n ?? 0) ? 'equal' : (before?.n ?? 0) < (after?.n ?? 0) ? comparison : opposite[comparison]
  const registry = new Map([['x', { name: 'x', version: 1, phase: 'admit', guards, compare } as unknown as AnyPolicy]])
  return [policies(standing({ n: 1 }), standing({ n: 2 }), { registry } as unknown as FacetContext)].flat().map((difference) => difference?.code)
}

for (const [guards, looser, stricter] of cases) {
  test(`a policy that guards ${guards}: looser is ${looser ?? 'no weakening'}, stricter is ${stricter ?? 'not breaking'}`, (t) => {
    t.deepEqual(codesOf(guards, 'looser'), [looser])
    t.deepEqual(codesOf(guards, 'stricter'), [stricter])
    t.deepEqual(codesOf(guards, 'incomparable'), [guards === 'fields' || guards === 'nothing' ? undefined : 'W16'])
  })
}

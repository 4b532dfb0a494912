import { canonicalJson } from '../../../schema/canonical.ts'
import { escapePointer } from '../../../schema/builders/plain-data.ts'
import type { PolicyDocument } from '../../../schema/document.ts'
import { invariant } from '../../../schema/invariant.ts'
import type { Mode, Target } from '../../../schema/policy.ts'
import type { ResolvedPolicy } from '../../../schema/resolved.ts'
import { withDefaults } from './defaults.ts'
import { report } from './scope.ts'
import type { Scope } from './scope.ts'

/** Gives policies their stable ids; one for a whole run, because ids are unique in a gateway. */
export interface PolicyResolver {
  /** The policies at `pointer`. `site` names where they stand: `route:<id>`, `group:<name>`. */
  resolve (policies: readonly PolicyDocument[] | undefined, pointer: string, site: string, target: Target): readonly ResolvedPolicy[]
}

/** Makes the resolver of one run. */
export function createPolicyResolver (scope: Scope): PolicyResolver {
  const counts = new Map<string, number>()
  const named = new Map<string, { readonly content: string, readonly pointer: string }>()

  return {
    resolve (policies = [], pointer, site, target) {
      return policies.map((document, index) => {
        const at = `${pointer}/policies/${index}`
        const [name, given] = Object.entries(document)[0]!
        const definition = scope.registry.get(name)
        invariant(definition !== undefined, `policy ${name} is not in the registry`)
        const { mode = 'enforce', id, ...own } = given as { readonly mode?: Mode, readonly id?: string } & Readonly<Record<string, unknown>>
        const options = withDefaults(definition.schema, own) as ResolvedPolicy['options']
        const policy = { name, version: definition.version, mode, options, target }
        if (id !== undefined) claim(id, canonicalJson(policy), `${at}/${escapePointer(name)}/id`)
        return { id: id ?? derive(`${site}/${name}`), ...policy, pointer: at }
      })
    }
  }

  function derive (base: string): string {
    const count = (counts.get(base) ?? 0) + 1
    counts.set(base, count)
    return count === 1 ? base : `${base}#${count}`
  }

  /** Policies that share an id share their state, so they must be the same. */
  function claim (id: string, content: string, pointer: string): void {
    const first = named.get(id)
    if (first === undefined) named.set(id, { content, pointer })
    else if (first.content !== content) {
      scope.findings.push(report('id/duplicate', `two different policies have the id '${id}'`, {
        place: scope.place(pointer),
        related: [{ message: 'the first one', place: scope.place(first.pointer) }],
        help: 'Give them different ids, or make name, mode and options equal to share one state.'
      }))
    }
  }
}

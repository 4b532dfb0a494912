import { registry } from '../../policies/registry.ts'
import type { ResolvedPolicy } from '../../schema/resolved.ts'

/** Whether one of these policies keeps from the upstream what a client sent in a field. */
export function isReplaced (field: string, policies: readonly ResolvedPolicy[]): boolean {
  return policies.some(({ name, options }) => {
    // The options were validated against the definition's own schema.
    const fields = registry.get(name)?.replacedFields as ((options: object) => readonly string[]) | undefined
    return fields?.(options).includes(field) === true
  })
}

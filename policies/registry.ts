import type { AnyPolicy } from '../schema/policy.ts'
import * as builders from './index.ts'

/** Every policy by name, derived from the lines of `index.ts`. */
export const registry: ReadonlyMap<string, AnyPolicy> = new Map(Object.values(builders).map(({ definition }): [string, AnyPolicy] => [definition.name, definition]))

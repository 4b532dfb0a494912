import type { Problem } from '../../schema/diagnostic.ts'

/** What the type check can find. */
export const problems = [
  {
    code: 'config/type-error',
    severity: 'error',
    summary: 'TypeScript refuses the config.',
    docs: 'The message is that of the TypeScript compiler, with its number. gwc checks with the options of the nearest `tsconfig.json`, else strictly and without DOM types. The editor shows the same, with completion. `--no-types` leaves this check out; all others remain.'
  }
] as const satisfies readonly Problem[]

import type { Problem } from '../../schema/diagnostic.ts'

/** What the type check can find. */
export const problems = [
  {
    code: 'config/type-error',
    severity: 'error',
    summary: 'TypeScript refuses the config.',
    docs: 'The message is that of the TypeScript compiler, with its number. gwc checks with the options of the nearest `tsconfig.json`, else strictly and without DOM types. The editor shows the same, with completion. `--no-types` leaves this check out; all others remain.'
  },
  {
    code: 'ts/non-erasable-syntax',
    severity: 'info',
    summary: 'The config has syntax of TypeScript that is more than types.',
    docs: `Enums, namespaces with values, parameter properties and \`import x = require()\` become code. gwc compiles them; Node, which runs TypeScript by leaving types out (from 22.18
on without a flag), does not, and neither do tools that do the same. A config without them can be imported by tests and scripts as it is.

Write an object \`as const\` in place of an enum, modules in place of namespaces, and assign parameters in the constructor. With \`erasableSyntaxOnly\` in
\`tsconfig.json\` the editor shows the same, and gwc reports it as \`config/type-error\`.`
  }
] as const satisfies readonly Problem[]

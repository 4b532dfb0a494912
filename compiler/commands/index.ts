import type { Command } from '../command.ts'

/** Every command of `gwc`, in the order of the help. Each is loaded when it is asked for, so that none pays for another's imports. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./init.ts')).init,
  validate: async () => (await import('./validate.ts')).validate,
  lint: async () => (await import('./lint.ts')).lint,
  plan: async () => (await import('./plan.ts')).plan,
  show: async () => (await import('./show.ts')).show,
  approve: async () => (await import('./approve.ts')).approve,
  replay: async () => (await import('./replay.ts')).replay,
  'dry-run': async () => (await import('./dry-run.ts')).dryRun,
  test: async () => (await import('./test.ts')).test,
  witness: async () => (await import('./witness.ts')).witness,
  query: async () => (await import('./query.ts')).query,
  migrate: async () => (await import('./migrate.ts')).migrate,
  compile: async () => (await import('./compile.ts')).compile,
  routes: async () => (await import('./routes.ts')).routes,
  explain: async () => (await import('./explain.ts')).explain,
  rules: async () => (await import('./rules.ts')).rules,
  serve: async () => (await import('./serve.ts')).serve,
  status: async () => (await import('./status.ts')).status
}

import type { RuntimeEvent } from '../../runtime/events.ts'
import { printAdminAddress } from '../../runtime/admin/address.ts'
import type { Runtime } from '../../runtime/start.ts'
import type { Command, CommandContext } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { eventText } from './event-text.ts'
import { declareServeFlags, runtimeFlags } from './serve-flags.ts'
import { serveSource } from './serve-source.ts'

/** `gwc serve`: serves a config, a bundle, or what is in a git repository, until it is asked to stop. */
export const serve: Command = {
  name: 'serve',
  summary: 'serve a config, a bundle or a git repository, and reload it when it changes',
  configure: declareServeFlags,
  async run (_args, options, context) {
    const flags = runtimeFlags(options, context.cwd, context.env)
    const { source, stateFolder } = serveSource(options, context)
    const { startRuntime } = await import('../../runtime/start.ts')
    const logs = options.accessLog === true
    // With an access log, standard output is for that alone.
    const say = (event: RuntimeEvent): void => { (logs || !['published', 'confirmed'].includes(event.kind) ? context.err : context.out)(eventText(event, context.color)) }
    const runtime = await startRuntime({
      source, stateFolder, env: context.env, event: say, signal: context.signal, ...flags,
      accessLog: logs ? context.out : undefined
    })
    if (runtime.webhook !== undefined) context.err(`webhooks at http://${printAdminAddress(runtime.webhook)}/-/hooks/git`)
    const failure = await startFailure(runtime)
    if (failure === undefined) {
      await stopped(context)
      context.err('stopping: accepting no more, letting requests end')
    }
    await runtime.close(options.grace as number)
    return failure ?? exitCode.ok
  }
}

/** The exit code when the first look found something that cannot be served, and there is nothing else to serve. */
async function startFailure (runtime: Runtime): Promise<number | undefined> {
  const { active } = await runtime.status()
  if (active !== null || runtime.first.kind !== 'rejected') return undefined
  return runtime.first.rejection.phase === 'trust' ? exitCode.trust : exitCode.invalid
}

function stopped ({ signal }: CommandContext): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => { resolve() }, { once: true })
  })
}

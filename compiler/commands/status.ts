import { join, resolve } from 'node:path'
import { Option } from 'commander'
import { parseAdminAddress } from '../../runtime/admin/address.ts'
import type { AdminAddress } from '../../runtime/admin/address.ts'
import { askAdmin } from '../../runtime/admin/client.ts'
import type { Status } from '../../runtime/status.ts'
import { milliseconds } from '../../schema/duration.ts'
import type { Command, CommandContext } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { UsageError } from '../usage-error.ts'
import { stateFolders } from './state-folder.ts'
import { statusText } from './status-text.ts'

/** `gwc status`: what a running gateway serves, and why it does not serve what it should. */
export const status: Command = {
  name: 'status',
  summary: 'show what a running gateway serves, and why not what it should',
  configure (command) {
    command
      .option('--admin <address>', 'admin listener: 127.0.0.1:port, or path of a socket (default: the one gateway of this user)')
      .option('--state-dir <folder>', 'state folder of the gateway')
      .addOption(new Option('--format <format>', 'output').choices(['pretty', 'json']).default('pretty'))
      .option('--wait [revision]', 'wait until this commit or digest (default: what the source has) is served or rejected')
      .option('--timeout <duration>', 'how long to wait', '1m')
  },
  async run (_args, options, context) {
    const timeout = milliseconds(options.timeout as string)
    if (!(timeout > 0)) throw new UsageError('--timeout: write a duration: 30s, 5m')
    const found = await readStatus(await addressOf(options, context), options.wait, timeout, context)
    if (typeof found === 'string') {
      context.err(`gwc: ${found}`)
      return exitCode.io
    }
    context.out(options.format === 'json' ? JSON.stringify(found, null, 2) : statusText(found, context.color, Date.now()))
    if (options.wait !== undefined && verdict(found, options.wait) === undefined) return exitCode.inconclusive
    return found.active === null || found.rejected !== null ? exitCode.invalid : exitCode.ok
  }
}

/** A string says why there is none. */
async function readStatus (address: AdminAddress | string, wait: unknown, timeout: number, { signal }: CommandContext): Promise<Status | string> {
  if (typeof address === 'string') return address
  const until = performance.now() + timeout
  for (;;) {
    const answer = await askAdmin(address, 'GET', '/status').catch((error: Error) => `no gateway answers: ${error.message}`)
    if (typeof answer === 'string') return answer
    const found = answer.body as Status
    if (wait === undefined || verdict(found, wait) !== undefined || signal.aborted || performance.now() > until) return found
    await new Promise((resume) => { setTimeout(resume, 100) })
  }
}

/** Whether what is waited for is served or rejected; undefined: neither yet. */
function verdict ({ source, active, rejected }: Status, wait: unknown): boolean | undefined {
  if (wait === true) return source.state === 'synced' ? true : source.state === 'rejected' ? false : undefined
  const wanted = String(wait).replace(/^sha256:/, '')
  const is = (name: string | null | undefined): boolean => name?.replace(/^sha256:/, '').startsWith(wanted) === true
  if (active !== null && (is(active.digest) || is(active.provenance.commit) || is(active.revision?.commit))) return true
  return is(rejected?.revision) ? false : undefined
}

async function addressOf ({ admin, stateDir }: Readonly<Record<string, unknown>>, { cwd, env }: CommandContext): Promise<AdminAddress | string> {
  if (typeof admin === 'string') {
    const address = parseAdminAddress(admin)
    if (typeof address === 'string') throw new UsageError(`--admin: ${address}`)
    return 'path' in address ? { path: resolve(cwd, address.path) } : address
  }
  if (typeof stateDir === 'string') return { path: join(resolve(cwd, stateDir), 'admin.sock') }
  const sockets = stateFolders(env).map((folder) => ({ path: join(folder, 'admin.sock') }))
  const answers = await Promise.all(sockets.map((socket) => askAdmin(socket, 'GET', '/healthz', 2_000).then(() => [socket], () => [])))
  const alive = answers.flat()
  if (alive.length === 1) return alive[0]!
  return alive.length === 0 ? 'no gateway of this user answers; --admin or --state-dir says where it is' : `several gateways run; choose one with --admin:\n${alive.map(({ path }) => `  ${path}`).join('\n')}`
}

import { availableParallelism } from 'node:os'
import { basename, dirname, resolve } from 'node:path'
import { InvalidArgumentError, Option, type Command as Program } from 'commander'
import { milliseconds } from '../../schema/duration.ts'
import { isLoopback, parseAdminAddress } from '../../runtime/admin/address.ts'
import type { AdminAddress } from '../../runtime/admin/address.ts'
import { systemClock } from '../../runtime/clock.ts'
import { createSecrets } from '../../runtime/secrets.ts'
import type { RuntimeOptions } from '../../runtime/start.ts'
import { UsageError } from '../usage-error.ts'
import { readPublicKey } from './public-key.ts'

/** Declares the flags of `gwc serve`. */
export function declareServeFlags (command: Program): Program {
  return command
    .option('--config <file>', 'compile and serve this config (default: gateway.config.{ts,mts,js,mjs,json} here or in a folder above); with --git: its path in the repository')
    .option('--bundle <file>', 'serve this bundle file; with --git: its path in the repository, where CI has put it')
    .option('--sig <file>', 'signature of the bundle (default: <bundle>.sig)')
    .option('--git <url>', 'serve what is in this git repository')
    .option('--ref <ref>', 'branch or tag of the repository', 'main')
    .option('--url <url>', 'serve the bundle at this address')
    .option('--public-key <pem...>', 'file with an ed25519 public key; bundles that none of them has signed are refused')
    .option('--allowed-signers <file>', 'file of SSH keys (see ssh-keygen) of which one must have signed each commit')
    .option('--allow-env <name...>', 'with --git: the only variables that env() of the config may read (default: all but the webhook secret)')
    .option('--allow-rewind', 'accept bundles and commits that are older than the active one')
    .addOption(new Option('--poll <duration>', 'how often --git and --url are asked').argParser(duration).default(30_000, '30s'))
    .option('--webhook-secret <name>', 'secret (or file, with a /) of webhooks: POST /-/hooks/git makes --git look at once')
    .addOption(new Option('--webhook-listen <address>', 'take webhooks on this address in place of the admin listener').argParser(address))
    .option('--watch', 'compile again when the config changes (default)')
    .option('--no-watch', 'do not')
    .option('--types', 'type-check the config too; everything else is checked in any case')
    .addOption(new Option('--workers <number>', 'worker processes, or auto: one per core').argParser(workers).default(0, 'none'))
    .addOption(new Option('--admin <address>', 'admin listener: 127.0.0.1:port, or path of a socket (default: a socket in the state folder)').argParser(address))
    .option('--allow-remote-admin', 'let --admin be another address than this machine\'s own; it has no authentication')
    .option('--state-dir <folder>', 'folder for last-known-good bundles (default: one per source in $XDG_STATE_HOME/gwc)')
    .option('--zone <name>', 'where this gateway stands: targets of this zone are preferred')
    .option('--secrets-dir <folder>', 'folder with one file per secret, read before the environment')
    .addOption(new Option('--grace <duration>', 'how long requests may take to end when the process is asked to stop').argParser(duration).default(30_000, '30s'))
    .option('--access-log', 'write a line of JSON per request to standard output')
}

type Options = Readonly<Record<string, unknown>>
type Environment = Readonly<Record<string, string | undefined>>

/** What the flags say besides the source. */
export function runtimeFlags (options: Options, cwd: string, env: Environment): Pick<RuntimeOptions, 'admin' | 'webhook' | 'publicKeys' | 'workers' | 'secretsFolder' | 'zone'> {
  const admin = options.admin as AdminAddress | undefined
  if (admin !== undefined && 'host' in admin && !isLoopback(admin.host) && options.allowRemoteAdmin !== true) {
    throw new UsageError(`--admin ${admin.host} can be reached from other machines and has no authentication; --allow-remote-admin allows it`)
  }
  const secretsFolder = typeof options.secretsDir === 'string' ? resolve(cwd, options.secretsDir) : undefined
  const secret = options.webhookSecret as string | undefined
  if (options.webhookListen !== undefined && secret === undefined) throw new UsageError('--webhook-listen needs --webhook-secret')
  return {
    ...admin === undefined ? {} : { admin: 'path' in admin ? { path: resolve(cwd, admin.path) } : admin },
    ...secret === undefined ? {} : { webhook: { secret: readSecret(secret, cwd, secretsFolder, env), listen: options.webhookListen as AdminAddress | undefined } },
    publicKeys: ((options.publicKey ?? []) as readonly string[]).map((file) => readPublicKey(resolve(cwd, file))),
    workers: options.workers as number,
    zone: options.zone as string | undefined,
    secretsFolder
  }
}

/** Reads once, so that a missing secret is told at start. */
function readSecret (text: string, cwd: string, folder: string | undefined, env: Environment): () => string {
  const file = text.includes('/') ? resolve(cwd, text) : undefined
  const secrets = createSecrets({ env: file === undefined ? env : {}, folder: file === undefined ? folder : dirname(file), clock: systemClock })
  const name = file === undefined ? text : basename(file)
  try {
    secrets.read(name)
  } catch (error) {
    throw new UsageError(`--webhook-secret: ${(error as Error).message}`)
  }
  return () => secrets.read(name)
}

function duration (text: string): number {
  const ms = milliseconds(text)
  if (!(ms > 0)) throw new InvalidArgumentError('Write a duration: 500ms, 30s, 5m.')
  return ms
}

function address (text: string): AdminAddress {
  const parsed = parseAdminAddress(text)
  if (typeof parsed === 'string') throw new InvalidArgumentError(parsed)
  return parsed
}

function workers (text: string): number {
  if (text === 'auto') return availableParallelism()
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('Write a number, or auto.')
  return Number(text)
}

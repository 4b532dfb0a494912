import { relative, resolve } from 'node:path'
import { parseGitAddress } from '../../runtime/git/address.ts'
import { refProblem } from '../../runtime/git/repository.ts'
import { configSource } from '../../runtime/sources/config.ts'
import { fileSource } from '../../runtime/sources/file.ts'
import { gitSource } from '../../runtime/sources/git.ts'
import { httpSource } from '../../runtime/sources/http.ts'
import type { Source } from '../../runtime/sources/source.ts'
import type { CommandContext } from '../command.ts'
import { UsageError } from '../usage-error.ts'
import { compileProcess } from './compile-process.ts'
import { configEnvironment } from './config-environment.ts'
import { stateFolderOf } from './state-folder.ts'

export interface ServeSource {
  readonly source: Source
  /** Absolute. */
  readonly stateFolder: string
}

interface SourceFlags {
  readonly config?: string
  readonly bundle?: string
  readonly sig?: string
  readonly git?: string
  readonly ref: string
  readonly url?: string
  readonly publicKey?: readonly string[]
  readonly allowedSigners?: string
  readonly allowEnv?: readonly string[]
  readonly webhookSecret?: string
  readonly allowRewind?: boolean
  readonly poll: number
  readonly watch?: boolean
  readonly types?: boolean
  readonly stateDir?: string
}

/** The source that the flags of `gwc serve` name. Throws `UsageError` for what does not fit together. */
export function serveSource (options: Readonly<Record<string, unknown>>, { cwd, env }: Pick<CommandContext, 'cwd' | 'env'>): ServeSource {
  const flags = options as unknown as SourceFlags
  const { config, git, url, bundle, ref, poll, publicKey = [] } = flags
  const allowRewind = flags.allowRewind === true
  const compile = compileProcess(git === undefined ? env : configEnvironment(env, flags.allowEnv, flags.webhookSecret), flags.types === true)
  const stateFolder = (identity: string): string => flags.stateDir === undefined ? stateFolderOf(identity, env) : resolve(cwd, flags.stateDir)
  if ([config, bundle].every((one) => one !== undefined) || [git, url].every((one) => one !== undefined)) throw new UsageError('give one of --config, --bundle, --git and --url')
  if (publicKey.length > 0 && bundle === undefined && url === undefined) throw new UsageError('--public-key is for bundles; what is compiled here has no signature. With --git, --allowed-signers checks commits')
  if (flags.allowedSigners !== undefined && git === undefined) throw new UsageError('--allowed-signers is for --git')
  if (flags.allowEnv !== undefined && git === undefined) throw new UsageError('--allow-env is for --git')
  if (flags.webhookSecret !== undefined && git === undefined && url === undefined) throw new UsageError('--webhook-secret is for --git and --url')

  if (git !== undefined) {
    const address = parseGitAddress(git, cwd)
    if (typeof address === 'string') throw new UsageError(`--git: ${address}`)
    const problem = refProblem(ref)
    if (problem !== undefined) throw new UsageError(`--ref: ${problem}`)
    const folder = stateFolder(`git ${address.shown} ${ref} ${bundle ?? config ?? ''}`)
    const take = bundle === undefined ? { config: config === undefined ? undefined : inTree(config), compile } : { bundle: inTree(bundle) }
    const allowedSigners = flags.allowedSigners === undefined ? undefined : resolve(cwd, flags.allowedSigners)
    return { source: gitSource({ address, ref, stateFolder: folder, poll, take, allowedSigners, allowRewind }), stateFolder: folder }
  }
  if (url !== undefined) {
    if (config !== undefined || bundle !== undefined) throw new UsageError('--url is the address of a bundle: leave out --config and --bundle')
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw new UsageError('--url: write http://… or https://…')
    return { source: httpSource({ url: new URL(url), poll, signed: publicKey.length > 0, allowRewind }), stateFolder: stateFolder(`http ${url}`) }
  }
  if (bundle !== undefined) {
    const file = resolve(cwd, bundle)
    const signature = flags.sig === undefined ? undefined : resolve(cwd, flags.sig)
    return { source: fileSource({ file, signature, allowRewind }), stateFolder: stateFolder(`file ${file}`) }
  }
  return { source: configSource({ cwd, config, compile, watch: flags.watch !== false }), stateFolder: stateFolder(`config ${cwd} ${config ?? ''}`) }
}

/** A path inside a repository. */
function inTree (path: string): string {
  const inside = relative('/', resolve('/', path))
  if (path.startsWith('/') || inside === '' || path.split('/').includes('..')) throw new UsageError(`${path} must be a path inside the repository`)
  return inside
}

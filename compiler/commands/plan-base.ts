import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import type { Bundle, BundleFile } from '../../schema/bundle.ts'
import { maximumBundleLength, readBundle } from '../../schema/bundle-file.ts'
import { canonicalJson, digest } from '../../schema/canonical.ts'
import { parseAdminAddress } from '../../runtime/admin/address.ts'
import { readAdmin } from '../../runtime/admin/client.ts'
import { discover } from '../load/discover.ts'
import type { CommandContext } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { emptyBundle, sideOf } from '../plan/side.ts'
import type { Side } from '../plan/side.ts'
import type { PlanSide } from '../plan/plan.ts'
import { UsageError } from '../usage-error.ts'
import { BaseError } from '../base-error.ts'
import { checkOutTree, commitsBehind, mergeBase } from './git-tree.ts'
import { readConfig } from './read-config.ts'
import { report } from './report.ts'

/** One side of a plan with what is said about it. */
export interface LoadedSide {
  readonly side: Side
  readonly about: PlanSide
}

export interface BaseOptions {
  /** `git:REF`, `file:PATH`, `url:ADDRESS` or `empty`. */
  readonly base: string
  readonly config: string | undefined
  /** With `git:`: compare with the commit from which the two went different ways. */
  readonly mergeBase: boolean
}

/** Gets the base of a plan. Throws `BaseError` when it cannot be had. */
export async function loadBase (options: BaseOptions, context: CommandContext): Promise<LoadedSide> {
  const { base } = options
  if (base === 'empty') return { side: { bundle: emptyBundle as Bundle, digest: '', matches: [] }, about: { kind: 'empty', ref: 'empty', commit: null, dirty: false, bundle: null, semantic: null } }
  const [, kind = '', ref = ''] = /^(git|file|url):(.+)$/.exec(base) ?? []
  switch (kind) {
    case 'git': return await fromGit(ref, options, context)
    case 'file': return fromText(await readFile(resolve(context.cwd, ref), 'utf8'), 'file', ref)
    case 'url': return fromText(await download(ref, context.cwd), 'url', ref)
    default: throw new UsageError(`--base: '${base}' is none of git:REF, file:PATH, url:ADDRESS and empty`)
  }
}

/** How many commits of a git base the working tree lacks; 0 for other bases. */
export async function baseAhead ({ base, mergeBase }: BaseOptions, { cwd }: CommandContext): Promise<number> {
  return base.startsWith('git:') && !mergeBase ? await commitsBehind(cwd, base.slice('git:'.length)) : 0
}

/** A compiled config as a side. */
export function sideOfBundle (bundle: Bundle): Side {
  return checked(sideOf({ bundle, digest: digest(canonicalJson(bundle)) }), 'the config')
}

export function aboutBundle (kind: PlanSide['kind'], ref: string, { bundle, digest }: Side): PlanSide {
  const { revision, semanticDigest } = bundle
  return { kind, ref, commit: revision?.commit ?? null, dirty: revision?.dirty ?? false, bundle: digest, semantic: semanticDigest }
}

async function fromGit (ref: string, options: BaseOptions, context: CommandContext): Promise<LoadedSide> {
  const { cwd, err } = context
  // The config that is planned says where to look in the other tree: the same place.
  const found = await discover(cwd, options.config)
  if (typeof found !== 'string') throw new BaseError(found.missing, exitCode.invalid)
  const tree = await checkOutTree(dirname(found), options.mergeBase ? await mergeBase(cwd, ref) : ref)
  try {
    const flags = { config: join(tree.folder, relative(dirname(found), found)), types: false }
    if (!existsSync(flags.config)) throw new BaseError(`${ref} has no ${relative(cwd, found)} yet: --base empty plans against nothing`, exitCode.invalid)
    const compilation = await readConfig(flags, 'emit', { ...context, cwd: tree.folder })
    if (compilation.bundle === undefined) {
      await report(compilation, { ...flags, format: 'pretty', files: [], quiet: true, failOn: 'error', maxWarnings: Infinity }, { ...context, cwd: tree.folder, out: err, color: false }, true)
      throw new BaseError(`the config of the base, ${ref}, does not compile: nothing can be compared (--base empty plans against nothing)`, exitCode.invalid)
    }
    const { bundle } = compilation
    const side = sideOfBundle({ ...bundle, revision: { commit: tree.commit, dirty: false, sequence: 0 } })
    return { side, about: aboutBundle('git', ref, side) }
  } finally {
    tree.dispose()
  }
}

function fromText (text: string, kind: 'file' | 'url', ref: string): LoadedSide {
  const read: BundleFile | { readonly invalid: string } = readBundle(text)
  if ('invalid' in read) throw new BaseError(`${shown(ref)} is no bundle to compare with: ${read.invalid}`, read.invalid.startsWith('damaged') ? exitCode.trust : exitCode.invalid)
  const side = checked(sideOf(read), shown(ref))
  return { side, about: aboutBundle(kind, shown(ref), side) }
}

function checked (side: Side | string, what: string): Side {
  if (typeof side === 'string') throw new BaseError(`${what}: ${side}`, exitCode.invalid)
  return side
}

/** From the admin listener of a running gateway (`http://127.0.0.1:9901`, or the path of its socket), or a bundle file anywhere. */
async function download (address: string, cwd: string): Promise<string> {
  if (/^(?:unix:|\.{0,2}\/)/.test(address)) return await fromSocket(resolve(cwd, address.replace(/^unix:/, '')))
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol)) throw new UsageError(`--base: write url:http://…, url:https://… or url:/path/of/admin.sock, not url:${address}`)
  const url = new URL(address)
  if (url.pathname === '/') url.pathname = '/bundle'
  const response = await fetch(url, { signal: AbortSignal.timeout(30_000) }).catch((error: Error) => {
    throw new BaseError(`${shown(address)} cannot be read: ${(error.cause as Error | undefined)?.message ?? error.message}`, exitCode.io)
  })
  if (!response.ok) throw new BaseError(`${shown(address)} answers ${response.status}`, exitCode.io)
  if (Number(response.headers.get('content-length') ?? 0) > maximumBundleLength) throw new BaseError(`${shown(address)} is too large for a bundle`, exitCode.io)
  return await response.text()
}

async function fromSocket (path: string): Promise<string> {
  const address = parseAdminAddress(path)
  if (typeof address === 'string') throw new UsageError(`--base: ${address}`)
  const { status, text } = await readAdmin(address, 'GET', '/bundle', 30_000).catch((error: Error) => {
    throw new BaseError(`${path} cannot be read: ${error.message}`, exitCode.io)
  })
  if (status !== 200) throw new BaseError(`${path} answers ${status}`, exitCode.io)
  return text
}

/** An address without its credentials. */
function shown (address: string): string {
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  url.username = url.password = ''
  return url.href
}

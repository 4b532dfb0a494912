import { readFile } from 'node:fs/promises'
import { relative } from 'node:path'
import type { Bundle } from '../../schema/bundle.ts'
import { writeBundle } from '../../schema/bundle-file.ts'
import { signBundle } from '../../schema/signature.ts'
import type { CommandContext } from '../command.ts'
import { counted } from '../render/report.ts'
import { style } from '../render/style.ts'
import { replaceFile } from '../replace-file.ts'
import { UsageError } from '../usage-error.ts'
import type { TimedCompilation } from './read-config.ts'

interface Target {
  /** Absolute path of the bundle file. */
  readonly out: string
  /** Absolute path of a private key, or undefined: no signature. */
  readonly key: string | undefined
  readonly quiet: boolean
}

/** Writes bundle and signature, the signature first: a runtime that sees the new bundle finds its signature there. Prints one line. */
export async function writeBundleFile ({ took }: TimedCompilation, bundle: Bundle, { out, key, quiet }: Target, context: CommandContext): Promise<void> {
  const text = writeBundle(bundle)
  if (key !== undefined) await replaceFile(`${out}.sig`, signature(text, await readFile(key, 'utf8'), key))
  // A file that is right already is not touched, so that what watches it does not wake.
  const same = await readFile(out, 'utf8').then((existing) => existing === text, () => false)
  if (!same) await replaceFile(out, text)
  if (quiet) return
  const { good, faint } = style(context.color)
  const facts = [
    counted(bundle.routes.length, 'route'),
    counted(bundle.upstreams.length, 'upstream'),
    bundle.policies.length === 1 ? '1 policy' : `${bundle.policies.length} policies`,
    `${(Buffer.byteLength(text) / 1024).toFixed(1)} KiB`,
    shortDigest(text)
  ]
  context.out(`${good('✓')} ${relative(context.cwd, out)}: ${facts.join(', ')}${same ? ', unchanged' : ''}${key === undefined ? '' : ', signed'} ${faint(`(${Math.round(took)} ms)`)}`)
}

/** `writeBundle` ends with it. */
function shortDigest (text: string): string {
  return /"digest":"(sha256:[0-9a-f]{12})[0-9a-f]*"\}\n$/.exec(text)![1]!
}

function signature (text: string, pem: string, path: string): string {
  try {
    return signBundle(Buffer.from(text), pem)
  } catch (error) {
    throw new UsageError(`${path} cannot sign: ${error instanceof Error ? error.message : String(error)}`)
  }
}

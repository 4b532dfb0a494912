import { relative } from 'node:path'
import type { Bundle } from '../../schema/bundle.ts'
import { readBundle } from '../../schema/bundle-file.ts'
import { canonicalJson } from '../../schema/canonical.ts'
import type { CommandContext } from '../command.ts'
import { exitCode } from '../exit-code.ts'
import { readIfThere } from './read-if-there.ts'

/**
 * Whether a bundle file is what the config compiles to. The revision does not count: a file that is committed along with its config
 * cannot name the commit that holds it.
 */
export async function checkBundle (bundle: Bundle, file: string, { cwd, out, err }: CommandContext): Promise<number> {
  const name = relative(cwd, file)
  const text = await readIfThere(file)
  const existing = text === undefined ? { invalid: 'it does not exist' } : readBundle(text)
  if ('invalid' in existing) {
    err(`gwc: ${name} is not the bundle of this config: ${existing.invalid}`)
    return exitCode.invalid
  }
  const differing = [...new Set([...Object.keys(bundle), ...Object.keys(existing.bundle)])]
    .filter((key) => key !== 'revision' && canonicalJson(member(bundle, key)) !== canonicalJson(member(existing.bundle, key)))
  if (differing.length === 0) {
    out(`✓ ${name} is what the config compiles to`)
    return exitCode.ok
  }
  const effect = differing.every((key) => key === 'origins') ? 'only lines have moved' : differing.every((key) => key === 'origins' || key === 'owners') ? 'only owners have changed' : differing.includes('semanticDigest') ? 'it treats requests differently' : 'it treats requests alike'
  err(`gwc: ${name} is out of date (${effect}; differs in ${differing.sort().join(', ')}); run gwc compile`)
  return exitCode.invalid
}

function member (bundle: Bundle, key: string): unknown {
  return (bundle as unknown as Readonly<Record<string, unknown>>)[key] ?? null
}

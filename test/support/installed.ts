import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** A temporary ESM package in which `gwc` resolves to this repository through its `exports`, as if it were installed. Whoever asks removes it. */
export function installedProject (): { readonly folder: string, remove (): void } {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gwc-project-')))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules', 'gwc'), 'dir')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  return { folder, remove: () => { rmSync(folder, { recursive: true, force: true }) } }
}

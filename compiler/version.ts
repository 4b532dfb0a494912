import { readFileSync } from 'node:fs'

/** Version of this package, from its package.json. */
export const version: string = readVersion()

function readVersion (): string {
  // Two folders up from dist/compiler.
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return (manifest as { readonly version: string }).version
}

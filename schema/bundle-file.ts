import type { Bundle, BundleFile } from './bundle.ts'
import { bundleFormat } from './bundle.ts'
import { canonicalJson, digest } from './canonical.ts'

/** Largest bundle file that is read, in UTF-16 units: far above 100,000 routes, far below what hurts a runtime. */
export const maximumBundleLength = 256 * 1024 * 1024

/** The text of a bundle file: canonical JSON of the bundle and its digest, and a newline. The same bundle gives the same text. */
export function writeBundle (bundle: Bundle): string {
  const content = canonicalJson(bundle)
  return `{"bundle":${content},"digest":${JSON.stringify(digest(content))}}\n`
}

/** Reads what `writeBundle` wrote; `invalid` says why a text is not a bundle that this version can run. */
export function readBundle (text: string): BundleFile | { readonly invalid: string } {
  if (text.length > maximumBundleLength) return { invalid: `the file is larger than ${maximumBundleLength} characters` }
  const intact = contentOf(text)
  let reserved: string | undefined
  let file: unknown
  try {
    // Looking at every name takes four times as long as reading: only where one may be there.
    file = intact !== undefined && !suspicious.test(text)
      ? { bundle: JSON.parse(intact.content), digest: intact.digest }
      : JSON.parse(text, (key, value: unknown) => {
        if (key === '__proto__' || key === 'constructor' || key === 'prototype') reserved ??= key
        return value
      })
  } catch (error) {
    return { invalid: `not JSON: ${(error as Error).message}` }
  }
  if (reserved !== undefined) return { invalid: `the name ${reserved} is not allowed in a bundle` }
  if (!isRecord(file) || !isRecord(file['bundle']) || typeof file['digest'] !== 'string') return { invalid: 'not a bundle: {"bundle": …, "digest": …} is expected' }
  const bundle = file['bundle']
  const format = bundle['format']
  if (!isRecord(format) || !Number.isInteger(format['major']) || !Number.isInteger(format['minor'])) return { invalid: 'the bundle names no format version' }
  if (format['major'] !== bundleFormat.major) return { invalid: `the bundle has format ${String(format['major'])}, this version of gwc reads ${bundleFormat.major}` }
  const found = intact?.digest ?? digest(canonicalJson(bundle))
  if (found !== file['digest']) return { invalid: `damaged: the digest is ${found}, the file says ${file['digest']}` }
  return { bundle: bundle as unknown as Bundle, digest: found }
}

/** A reserved name, or an escape that could spell one. */
const suspicious = /"(?:__proto__|constructor|prototype)"|\\u/

/** The bundle's own text, if the file is written as `writeBundle` does and its digest is right: nothing needs to be made canonical again. */
function contentOf (text: string): { readonly content: string, readonly digest: string } | undefined {
  const [end, claimed] = /,"digest":"(sha256:[0-9a-f]{64})"\}\n$/.exec(text.slice(-100)) ?? []
  if (end === undefined || claimed === undefined || !text.startsWith(start)) return undefined
  const content = text.slice(start.length, -end.length)
  return digest(content) === claimed ? { content, digest: claimed } : undefined
}

const start = '{"bundle":'

function isRecord (value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

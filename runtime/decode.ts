import type { Automaton } from '../schema/automaton/automaton.ts'
import { decodeAutomaton } from '../schema/automaton/encode.ts'
import type { Bundle } from '../schema/bundle.ts'
import { readBundle } from '../schema/bundle-file.ts'
import { verifySignature } from '../schema/signature.ts'
import { rejection } from './rejection.ts'
import type { Rejection } from './rejection.ts'
import { toSlices } from './slices.ts'
import type { Slices } from './slices.ts'

/** A bundle file as it came. */
export interface BundleInput {
  readonly bytes: Uint8Array
  /** The DSSE envelope beside it. */
  readonly signature: string | undefined
  /** Keys (SPKI PEM) of which one must have signed. Empty: signatures are not asked for. */
  readonly publicKeys: readonly string[]
}

/** A bundle that is what it claims to be, in a form that passes between threads and processes at the price of copying bytes. */
export interface DecodedBundle extends Pick<Bundle, 'name' | 'requires' | 'revision' | 'semanticDigest' | 'listeners' | 'tcpListeners' | 'upstreams' | 'witnesses' | 'secrets'> {
  readonly digest: string
  /** Of `BundlePolicy`. */
  readonly policies: Slices
  /** Of lists of indices into `policies`. */
  readonly chains: Slices
  /** Of `BundleRoute`. */
  readonly routes: Slices
  readonly automaton: Automaton
}

/** Verifies and decodes. Pure and slow: runs in a thread of its own for all but small bundles. */
export function decode ({ bytes, signature, publicKeys }: BundleInput): DecodedBundle | Rejection {
  if (publicKeys.length > 0) {
    if (signature === undefined) return rejection('trust', 'the bundle is not signed, and this runtime has public keys configured')
    const verdict = verifySignature(bytes, signature, publicKeys)
    if (verdict !== true) return rejection('trust', verdict.invalid)
  }
  const file = readBundle(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString())
  if ('invalid' in file) return rejection('read', file.invalid)
  const { name, requires, revision, semanticDigest, listeners, tcpListeners, upstreams, witnesses, secrets, policies, chains, routes, automaton } = file.bundle
  try {
    return {
      digest: file.digest,
      name, requires, revision, semanticDigest, listeners, tcpListeners, upstreams, witnesses, secrets,
      policies: toSlices(policies),
      chains: toSlices(chains),
      routes: toSlices(routes),
      automaton: decodeAutomaton(automaton)
    }
  } catch (error) {
    // The digest fits, so whoever wrote the bundle wrote it like this.
    return rejection('read', `the tables of the bundle cannot be read: ${(error as Error).message}`)
  }
}

/** The array buffers that may be handed to another thread instead of being copied. */
export function buffersOf (bundle: DecodedBundle): ArrayBuffer[] {
  const tables = [bundle.policies, bundle.chains, bundle.routes].flatMap(({ bytes, ends }) => [bytes, ends])
  const buffers = [...tables, ...Object.values(bundle.automaton).filter((table) => ArrayBuffer.isView(table))].map(({ buffer }) => buffer as ArrayBuffer)
  return [...new Set(buffers)]
}

import type { Rejection } from './rejection.ts'

/** Where a bundle came from. Kept with the last-known-good ones, for a git source checks ancestry over restarts. */
export interface Provenance {
  readonly kind: 'file' | 'config' | 'git' | 'http' | 'program'
  /** Path or address, without credentials. */
  readonly from: string
  /** Of git sources: the commit that was fetched. */
  readonly commit?: string
}

/** A bundle file that a source offers, not verified yet. */
export interface Candidate {
  readonly bytes: Uint8Array
  readonly signature?: string
  readonly provenance: Provenance
  /** May be older than what is active: the user's own working tree, or `--allow-rewind`. */
  readonly mayRewind: boolean
}

/** What became of a candidate. */
export type Outcome =
  | { readonly kind: 'published', readonly digest: string }
  /** The active bundle has the same digest. */
  | { readonly kind: 'unchanged', readonly digest: string }
  /** A newer one came while this one waited to be taken. */
  | { readonly kind: 'superseded' }
  | { readonly kind: 'rejected', readonly rejection: Rejection }

import type { Candidate, Outcome, Provenance } from '../candidate.ts'
import type { Rejection } from '../rejection.ts'

/** Where bundles come from. It only looks; `follow` decides when, and what is done with what it finds. */
export interface Source {
  readonly kind: Provenance['kind']
  /** Path or address for people, without credentials. */
  readonly from: string
  /** Serve the last-known-good bundle before the first look: the look may take long, and what was served must not be undercut by a restart. */
  readonly restoreFirst: boolean
  /** Milliseconds between two looks, or null: only when told. */
  readonly poll: number | null
  /** Looks once. Throws for nothing but bugs of ours. */
  look (request: LookRequest): Promise<Found>
  /** Told what became of what was found. */
  settled? (outcome: Outcome): void
  /** Calls `changed` when a look may be worth it. The answer stops that. */
  watch? (changed: () => void): () => void
}

export interface LookRequest {
  /** Of the active bundle. */
  readonly active: Provenance | undefined
  /** The operator asks: what was refused once is tried again. */
  readonly force: boolean
  readonly signal: AbortSignal
}

export type Found =
  /** Nothing new, or what was tried already. */
  | { readonly kind: 'same' }
  | { readonly kind: 'candidate', readonly candidate: Candidate }
  /** Something new that must not or cannot be served. */
  | { readonly kind: 'rejected', readonly rejection: Rejection, readonly revision: string | null }
  /** It cannot be reached now. */
  | { readonly kind: 'away', readonly reason: string }

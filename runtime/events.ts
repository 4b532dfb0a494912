import type { TargetStatus } from './health/target-status.ts'
import type { Published, Refused } from './control.ts'
import type { Status } from './status.ts'

/** What a runtime tells whoever started it, for a terminal or a log. */
export type RuntimeEvent =
  | { readonly kind: 'published', readonly published: Published, readonly listeners: Status['listeners'], readonly milliseconds: number }
  /** The last-known-good bundle that is served proved to be what the source has. */
  | { readonly kind: 'confirmed', readonly published: Published }
  | { readonly kind: 'rejected', readonly refused: Refused, readonly serving: Published | undefined }
  /** The source cannot be reached; it is tried again in `retryMs`. */
  | { readonly kind: 'away', readonly from: string, readonly reason: string, readonly retryMs: number }
  /** The active bundle is not kept on disk. */
  | { readonly kind: 'unsaved', readonly reason: string }
  /** A last-known-good bundle is good no more; the one before it is tried. */
  | { readonly kind: 'unrestored', readonly reason: string }
  | { readonly kind: 'worker-ended', readonly worker: number, readonly pid: number, readonly how: string }
  /** A target is used or not from now on. */
  | { readonly kind: 'target' } & TargetStatus
  /** Something is wrong, and nothing fails for it: a certificate that has expired. */
  | { readonly kind: 'warning', readonly where: string, readonly reason: string }
  /** A handler threw: a bug of ours, or of a policy's author. */
  | { readonly kind: 'bug', readonly where: string, readonly error: unknown }

import type { Origin } from './origin.ts'
import type { GatewayDocument } from './generated/gateway.ts'

/** A policy in a document: one key, its name. */
export type PolicyDocument = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/**
 * What the user wrote, in normal form: the document that a `gateway.config.json` holds, with the origin of each node beside it.
 * Keys of `origins` are JSON pointers into the document (`/routes/0/routes/2`); a value without one belongs to its nearest ancestor that has one.
 */
export interface Config {
  readonly document: GatewayDocument
  readonly origins: Readonly<Record<string, Origin>>
  /** Inputs read by `env()`, by name; the values are in the document. */
  readonly env: readonly string[]
}

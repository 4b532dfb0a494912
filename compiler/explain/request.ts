import type { Fields } from '../../schema/exchange.ts'

/** The request that is to be explained, as the runtime would read it. */
export interface ExplainedRequest extends Fields {
  /** Index into `Resolved.listeners`. */
  readonly listener: number
  readonly method: string
  /** Lower case, without port. */
  readonly host: string
  /** `Host` as the client would send it. */
  readonly hostField: string
  /** Normalised. */
  readonly path: string
  /** Without `?`. */
  readonly search: string
  /** The path as given, where normalising changed it. */
  readonly rawPath: string | undefined
}

import type { HeadersOptions } from './options.ts'

/** Changes to one head; those to requests and to responses have the same form. */
export type HeadEdits = NonNullable<HeadersOptions['request']>

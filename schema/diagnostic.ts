import type { Origin, Pointer } from './origin.ts'

export type Severity = 'error' | 'warning' | 'info'

/** A place in the user's source: the node's origin and, inside its options, the value that is meant. */
export interface Place {
  readonly origin: Origin
  readonly pointer?: Pointer
  /** Narrows it: to the name of the property in place of its value, or to the character at this offset (UTF-16) of a string. */
  readonly part?: 'name' | number
}

/** A request that shows what a diagnostic claims. */
export interface WitnessRequest {
  readonly listener: string
  readonly method: string
  readonly host: string
  /** Normalised, without the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly cookies: Readonly<Record<string, string>>
}

/** One structural edit of the user's source; ts-morph finds the text when the fix is applied. */
export type FixEdit =
  | { readonly kind: 'replace-value', readonly place: Place, readonly text: string }
  | { readonly kind: 'remove-property', readonly place: Place }
  | { readonly kind: 'remove-element', readonly place: Place }
  | { readonly kind: 'remove-declaration', readonly place: Place }

export interface Fix {
  readonly title: string
  /** Only `safe` fixes are applied by `--fix`: they change no request. */
  readonly applicability: 'safe' | 'maybe-incorrect'
  readonly edits: readonly FixEdit[]
}

/** A finding for the user. Errors cannot be silenced. */
export interface Diagnostic {
  /** `owner/problem`, named after what is wrong. */
  readonly code: string
  readonly severity: Severity
  readonly message: string
  /** Stable id of what it is about: `route:<id>`, `upstream:<name>`. With the code it makes the fingerprint, which survives moved lines. */
  readonly subject?: string
  /** Absent only where there is no source at all (no config found). */
  readonly place?: Place
  /** The other sides of a conflict. */
  readonly related?: readonly { readonly message: string, readonly place: Place }[]
  readonly notes?: readonly string[]
  /** What to do about it, in a sentence. */
  readonly help?: string
  readonly witness?: { readonly request: WitnessRequest, readonly outcome: string }
  readonly fix?: Fix
}

/** The catalogue entry of a diagnostic code, declared by its owner (a rule, a pass or a policy). */
export interface Problem {
  readonly code: string
  readonly severity: Severity
  /** One sentence: what is wrong. */
  readonly summary: string
  /** Markdown: why it matters and how to mend it. */
  readonly docs: string
  /** Told only in this profile of the lint settings, or where it is asked for by its code. Default: in every profile. */
  readonly profile?: 'strict'
  /** Some of its diagnostics carry a fix that `gwc lint --fix` applies. */
  readonly fixable?: true
  /** The value at its place is a secret: reports, which are kept and passed on, show it as stars. */
  readonly concealed?: true
}

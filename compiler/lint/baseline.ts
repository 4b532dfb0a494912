import type { Finding } from '../render/finding.ts'

/** Where the baseline is, relative to the config's folder. */
export const baselineFile = '.gateway/lint-baseline.json'

/** A finding that was there when the baseline was written. */
export interface BaselineEntry {
  readonly code: string
  /** What it was about, for people who read the file. */
  readonly about: string
  readonly fingerprint: string
}

/** Reads the file's text; a string says what is wrong with it. */
export function parseBaseline (text: string): readonly BaselineEntry[] | string {
  let entries: unknown
  try {
    entries = JSON.parse(text)
  } catch (error) {
    return (error as Error).message
  }
  const isEntry = (entry: unknown): boolean => typeof entry === 'object' && entry !== null && ['code', 'about', 'fingerprint'].every((name) => typeof (entry as Record<string, unknown>)[name] === 'string')
  return Array.isArray(entries) && entries.every(isEntry) ? entries as BaselineEntry[] : 'not a baseline: gwc lint --update-baseline writes one'
}

/** The findings as a baseline, in an order that makes small differences. */
export function baselineOf (findings: readonly Finding[]): readonly BaselineEntry[] {
  return findings
    .map(({ diagnostic: { code, subject, message }, fingerprint }) => ({ code, about: subject ?? message, fingerprint }))
    .sort((a, b) => (a.code + a.about + a.fingerprint < b.code + b.about + b.fingerprint ? -1 : 1))
}

import type { Severity } from '../../schema/diagnostic.ts'
import type { Finding } from '../render/finding.ts'
import type { Suppression } from '../suppress.ts'
import type { BaselineEntry } from './baseline.ts'
import { settingsFile } from './settings.ts'
import type { LintSettings } from './settings.ts'

/** Findings as they count here. */
export interface Weighed extends Suppression {
  /** What a new baseline would hold: all that comments, settings and locks leave to it. */
  readonly excusable: readonly Finding[]
  /** Entries of the baseline whose finding is gone. */
  readonly gone: readonly BaselineEntry[]
}

/** Takes out what the baseline excuses and what is off, and gives the others their level. Errors of the compiler stay what they are. */
export function weigh ({ findings, suppressed }: Suppression, settings: LintSettings, baseline: readonly BaselineEntry[]): Weighed {
  const excused = new Set(baseline.map(({ fingerprint }) => fingerprint))
  const there = new Set(findings.map(({ fingerprint }) => fingerprint))
  const kept: Finding[] = []
  const out = [...suppressed]
  const excusable: Finding[] = []
  for (const finding of findings) {
    const { code, severity } = finding.diagnostic
    if (severity === 'error') {
      kept.push(finding)
      continue
    }
    const level = settings.level(code, severity)
    if (level === 'unasked') continue
    if (level === 'off') {
      out.push({ finding, reason: `off in ${settingsFile} or by --rule` })
      continue
    }
    if (!settings.isLocked(code)) {
      excusable.push(finding)
      if (excused.has(finding.fingerprint)) {
        out.push({ finding, reason: 'in the baseline' })
        continue
      }
    }
    kept.push(level === severity ? finding : { ...finding, diagnostic: { ...finding.diagnostic, severity: level satisfies Severity } })
  }
  return { findings: kept, suppressed: out, excusable, gone: baseline.filter(({ fingerprint }) => !there.has(fingerprint)) }
}

import { counted } from '../render/report.ts'
import { style } from '../render/style.ts'
import type { TimedCompilation } from './read-config.ts'

/** The one line after a run without errors: `✓ valid: 14 routes, 3 upstreams, 1 listener (312 ms)`. */
export function successText (word: string, { resolved, took }: TimedCompilation, color: boolean): string {
  const styled = style(color)
  const counts = resolved === undefined ? '' : `: ${counted(resolved.routes.length, 'route')}, ${counted(resolved.upstreams.length, 'upstream')}, ${counted(resolved.listeners.length, 'listener')}`
  return `${styled.good('✓')} ${word}${counts} ${styled.faint(`(${Math.round(took)} ms)`)}`
}

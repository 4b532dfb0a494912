import type { Status, UpstreamStatus } from '../../runtime/status.ts'
import { printable } from '../render/report.ts'
import { style } from '../render/style.ts'
import { refusalText, revisionText, targetState } from './event-text.ts'

/** The status for people. `now`: milliseconds since 1970. */
export function statusText (status: Status, color: boolean, now: number): string {
  const { strong, faint, of } = style(color)
  const { source, active, rejected, listeners, processes, targets, upstreams, counters } = status
  const ago = (at: number): string => faint(`${agoText(now - at)} ago`)
  const line = (name: string, text: string): string => `${strong(name.padEnd(9))} ${text}`
  const state = source.state === 'synced' ? of.info('synced') : source.state === 'starting' ? 'starting' : of.error(source.state)
  return [
    line('source', `${source.kind} ${printable(source.from)}: ${state}${source.lookedAt === null ? '' : `, looked at ${ago(source.lookedAt)}`}${source.reason === null ? '' : `\n          ${printable(source.reason)}`}`),
    line('active', active === null ? of.error('nothing') : `${revisionText(active)}${active.restored ? ' (last known good)' : ''}, since ${ago(active.since)}`),
    ...status.previous === null ? [] : [line('previous', revisionText(status.previous))],
    ...status.unsaved === null ? [] : [line('unsaved', of.warning(printable(status.unsaved)))],
    ...listeners.map(({ name, scheme, address, port, connections }) => line('listener', `${name} ${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}, ${connections} connections`)),
    ...processes.map(({ worker, pid, exchanges, draining }) => line(worker === 0 ? 'process' : `worker ${worker}`, `${pid}: ${exchangesText(exchanges)}${draining === 0 ? '' : `, ${draining} draining`}`)),
    ...targets.map((target) => line('target', `${target.target} of ${printable(target.upstream)}: ${targetState(target, of)}${target.reason === '' ? '' : `, ${printable(target.reason)}`}`)),
    ...upstreams.flatMap(({ name, active, retries, breakers }) => (breakers === null ? [] : [line('upstream', `${printable(name)}: ${active} under way, ${retries} of them again, breaker ${breakersText(breakers, of)}`)])),
    ...Object.entries(counters).map(([id, counts]) => line('policy', `${printable(id)}: ${exchangesText(counts)}`)),
    ...rejected === null ? [] : ['', `${of.error('rejected')}  ${ago(rejected.at)} ${refusalText(rejected)}`]
  ].join('\n')
}

function exchangesText (counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).sort(([, a], [, b]) => b - a).map(([reason, count]) => `${count} ${reason}`)
  return parts.length === 0 ? 'no requests yet' : parts.join(', ')
}

/** One state, or in how many processes each. */
function breakersText (breakers: NonNullable<UpstreamStatus['breakers']>, { error, warning }: ReturnType<typeof style>['of']): string {
  const states = Object.entries(breakers)
  const paint = { closed: (text: string) => text, open: error, 'half-open': warning, ramp: warning }
  return states.map(([state, count]) => `${paint[state as keyof typeof paint](state)}${states.length === 1 ? '' : ` in ${count}`}`).join(', ')
}

function agoText (ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 120) return `${seconds} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}

import type { RuntimeEvent } from '../../runtime/events.ts'
import type { Published, Refused } from '../../runtime/control.ts'
import type { TargetStatus } from '../../runtime/health/target-status.ts'
import { style } from '../render/style.ts'
import { printable } from '../render/report.ts'

/** What a running gateway tells whoever watches its terminal. */
export function eventText (event: RuntimeEvent, color: boolean): string {
  const { strong, faint, of } = style(color)
  switch (event.kind) {
    case 'published': {
      const { published, listeners, milliseconds } = event
      const where = listeners.map(({ name, scheme, address, port }) => `  ${name}  ${strong(`${scheme}://${address.includes(':') ? `[${address}]` : address}:${port}`)}`)
      const restored = published.restored ? ' (last known good)' : ''
      return [`${strong('serving')} ${published.name} ${revisionText(published)}${restored}${faint(` in ${milliseconds.toFixed(0)} ms`)}`, ...where].join('\n')
    }
    case 'confirmed': return `up to date with ${printable(event.published.provenance.from)}`
    case 'rejected':
      return [`${of.error('rejected')} ${refusalText(event.refused)}`, event.serving === undefined ? 'nothing is served yet' : `still serving ${revisionText(event.serving)}`].join('\n')
    case 'away': return `${of.warning('away')} ${printable(event.reason)}; next try in ${(event.retryMs / 1000).toFixed(1)} s`
    case 'unsaved': return `${of.warning('unsaved')} the active bundle cannot be kept for a restart: ${event.reason}`
    case 'unrestored': return `${of.warning('unrestored')} a last known good bundle cannot be served: ${printable(event.reason)}`
    case 'worker-ended': return `${of.warning('worker')} ${event.worker} (process ${event.pid}) ended with ${event.how}; it is replaced`
    case 'target': return `${targetState(event, of)} ${event.target} of ${event.upstream}${event.reason === '' ? '' : `: ${printable(event.reason)}`}`
    case 'warning': return `${of.warning('warning')} ${printable(event.where)}: ${printable(event.reason)}`
    case 'bug': return `${of.error('bug')} in ${event.where}: ${event.error instanceof Error ? event.error.stack ?? event.error.message : String(event.error)}`
  }
}

/** `ejected`, `unhealthy` or `healthy`. */
export function targetState ({ healthy, ejected }: TargetStatus, of: ReturnType<typeof style>['of']): string {
  if (!healthy) return of.error('unhealthy')
  return ejected ? of.warning('ejected') : of.info('healthy')
}

/** How people call a bundle: by its commit, else by its digest. */
export function revisionText ({ provenance, revision, digest }: Pick<Published, 'provenance' | 'revision' | 'digest'>): string {
  const commit = provenance.commit ?? revision?.commit
  const bundle = `bundle ${digest.replace('sha256:', '').slice(0, 12)}`
  return commit === undefined || commit === null ? bundle : `commit ${commit.slice(0, 12)}${revision?.dirty === true ? ' with changes' : ''}, ${bundle}`
}

/** Phase, reason and, of a config that does not compile, the code frames. */
export function refusalText ({ revision, rejection }: Refused): string {
  const what = revision === null ? '' : `${revision.replace('sha256:', '').slice(0, 12)} `
  return `${what}at ${rejection.phase}: ${printable(rejection.reason)}${rejection.frames === undefined ? '' : `\n\n${printable(rejection.frames)}`}`
}

import { milliseconds } from '../../schema/duration.ts'
import type { PolicyFinding, PolicySite } from '../../schema/policy.ts'
import type { RateLimitOptions } from './options.ts'

/** Refuses limits that never count, never admit, or contradict themselves. */
export function check (options: RateLimitOptions, site: PolicySite): readonly PolicyFinding[] {
  const findings: PolicyFinding[] = []
  const { limit, burst, cost = 1, by = 'client-address' } = options
  const sliding = options.algorithm === 'sliding-window'
  if (milliseconds(options.window) === 0) {
    findings.push({ code: 'rate-limit/empty-window', message: `nothing can be counted in ${options.window}`, pointer: ['window'] })
  }
  if (sliding && burst !== undefined) {
    findings.push({ code: 'rate-limit/unused-burst', message: 'a sliding window has no burst', pointer: ['burst'], help: 'Take `burst` out, or choose `algorithm: \'gcra\'`.' })
  }
  const atOnce = sliding ? limit : burst ?? limit
  if (cost > atOnce) {
    findings.push({ code: 'rate-limit/always-refuses', message: `a request costs ${cost}, but at most ${atOnce} may pass at once`, pointer: ['cost'], help: `Raise \`${burst === undefined || sliding ? 'limit' : 'burst'}\` to ${cost} at least.` })
  }
  const param = by.startsWith('param:') ? by.slice('param:'.length) : undefined
  if (param !== undefined && !site.params.includes(param)) {
    const known = site.params.length === 0 ? `There are no path parameters on this ${site.target}.` : `Its path parameters: ${site.params.join(', ')}.`
    findings.push({ code: 'rate-limit/unknown-param', message: `there is no path parameter ${param} here`, pointer: ['by'], help: known })
  }
  return findings
}

import type { Rule } from './rule.ts'

/** Several targets, and nobody looks whether they are well. */
export const upstreamUnchecked: Rule = {
  code: 'upstream/unchecked',
  severity: 'info',
  summary: 'An upstream has several targets and no health check.',
  docs: `Without a check a target that is down is noticed by the requests that fail on it: they are tried again elsewhere where that is safe, and the target is
left alone for a while (\`ejection\`). A check notices before the requests do, and also notices that it is well again.

\`health: { path: '/healthz' }\` asks every target; \`health: { type: 'tcp' }\` only connects.`,
  check: ({ resolved, place }) => resolved.upstreams.filter(({ targets, health }) => health === null && targets.filter(({ weight, drain }) => weight > 0 && !drain).length > 1).map(({ name, pointer }) => ({
    code: 'upstream/unchecked',
    severity: 'info',
    subject: `upstream:${name}`,
    message: `'${name}' has several targets and no health check: only failing requests tell which of them are down`,
    place: place(pointer),
    help: "Add one: health: { path: '/healthz' }, or health: { type: 'tcp' }."
  }))
}

import type { Rule } from './rule.ts'

/** A route for everything. */
export const routeCatchAllBroad: Rule = {
  code: 'route/catch-all-broad',
  severity: 'info',
  profile: 'strict',
  summary: 'A route takes every path on every host.',
  docs: `\`/*\` without a host takes whatever no other route takes: misspelt paths, paths that were deleted, hosts that were never meant to be here. All of it reaches the
upstream, where a 404 of the gateway would have ended it.

Give the route a host, a prefix or a condition.`,
  check: ({ resolved, place }) => resolved.routes.filter(({ match: { hosts, path, conditions } }) => hosts.length === 0 && conditions.length === 0 && path.segments[0]?.kind === 'rest').map(({ id, action, pointer }) => ({
    code: 'route/catch-all-broad',
    severity: 'info',
    subject: `route:${id}`,
    message: `every path that nothing else takes reaches '${resolved.upstreams[action.upstream]!.name}', on any host`,
    place: place(pointer, ['match']),
    help: 'Give the route a host, a prefix or a condition.'
  }))
}

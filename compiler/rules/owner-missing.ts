import type { Rule } from './rule.ts'

/** Something that nobody owns, where others have owners. */
export const ownerMissing: Rule = {
  code: 'owner/missing',
  severity: 'info',
  summary: 'A route or an upstream has no owner, and others have one.',
  docs: `\`owner\` on an upstream, a group or a route says who answers for it: plans name the owners of each change, and \`route/partially-shadowed\` tells when one owner takes
requests from another. What has no owner is left out of both. Nothing is told while no owner is named anywhere.

Name one, on the group around the route or on its upstream.`,
  check: ({ resolved: { routes, upstreams }, place }) => {
    if (![...routes, ...upstreams].some(({ owner }) => owner !== null)) return []
    const unowned = [
      ...upstreams.filter(({ owner }) => owner === null).map(({ name, pointer }) => ({ subject: `upstream:${name}`, text: `upstream '${name}'`, at: place(pointer) })),
      ...routes.filter(({ owner }) => owner === null).map(({ id, pointer }) => ({ subject: `route:${id}`, text: `'${id}'`, at: place(pointer, ['match']) }))
    ]
    return unowned.map(({ subject, text, at }) => ({ code: 'owner/missing', severity: 'info', subject, message: `nobody owns ${text}`, place: at, help: 'Name an owner: owner: \'payments\'.' }))
  }
}

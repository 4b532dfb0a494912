import { enforcedOn } from './guarded.ts'
import { isReplaced } from './request-fields.ts'
import type { Rule } from './rule.ts'

/** Credentials that are handed on to somebody else. */
export const headersForwardAll: Rule = {
  code: 'headers/forward-all',
  severity: 'info',
  profile: 'strict',
  summary: "A route hands the credentials of its clients on to another owner's upstream.",
  docs: `The route and its upstream have different \`owner\`s, and \`Authorization\` and \`Cookie\` pass as the client sent them: the owner of the upstream can act as the client
wherever the same credentials are taken.

Take away what the upstream has no use for: \`headers({ request: { remove: ['authorization', 'cookie'] } })\`.`,
  check: ({ resolved, place }) => [...resolved.routes.entries()].flatMap(([index, { id, owner, action, match, pointer }]) => {
    const upstream = resolved.upstreams[action.upstream]!
    if (owner === null || upstream.owner === null || owner === upstream.owner) return []
    const passed = ['authorization', 'cookie'].filter((field) => match.listeners.some((listener) => !isReplaced(field, enforcedOn(resolved, listener, index))))
    return passed.length === 0 ? [] : [{
      code: 'headers/forward-all',
      severity: 'info',
      subject: `route:${id}`,
      message: `'${id}' of ${owner} hands ${passed.join(' and ')} on to '${upstream.name}' of ${upstream.owner}`,
      place: place(pointer, ['match']),
      help: `Take away what it has no use for: headers({ request: { remove: [${passed.map((field) => `'${field}'`).join(', ')}] } }).`
    }]
  })
}

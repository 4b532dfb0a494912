import { isGuarded } from './guarded.ts'
import type { Rule } from './rule.ts'

/** A route for anybody that does not say so. */
export const authMissing: Rule = {
  code: 'auth/missing',
  severity: 'info',
  profile: 'strict',
  summary: 'A route asks for no authentication, and does not say that it is public.',
  docs: `Nothing on the way of its requests authenticates. For a page that everybody may see that is right; for everything else it is the mistake that is found last.

Give it a policy that authenticates, or say \`public: true\` on the route or on a group around it.`,
  check: ({ resolved, place }) => [...resolved.routes.entries()].filter(([index, route]) => !route.public && !isGuarded(resolved, index, 'authentication')).map(([, { id, pointer }]) => ({
    code: 'auth/missing',
    severity: 'info',
    subject: `route:${id}`,
    message: `anybody may ask for '${id}'`,
    place: place(pointer, ['match']),
    help: 'Add a policy that authenticates, or say `public: true`.'
  }))
}

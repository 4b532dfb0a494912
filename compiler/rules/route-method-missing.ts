import type { Rule } from './rule.ts'

/** A route for every method there is. */
export const routeMethodMissing: Rule = {
  code: 'route/method-missing',
  severity: 'info',
  profile: 'strict',
  summary: 'A route names no method, so it takes all of them.',
  docs: `Without a method a route takes \`DELETE\`, \`PROPFIND\` and methods that are not invented yet. What the upstream makes of them is up to it.

Name those that are meant: \`GET|POST /orders\`. Others are answered with 405.`,
  check: ({ resolved, place }) => resolved.routes.filter(({ match }) => match.methods.length === 0).map(({ id, pointer }) => ({
    code: 'route/method-missing',
    severity: 'info',
    subject: `route:${id}`,
    message: `'${id}' takes any method`,
    place: place(pointer, ['match']),
    help: "Name the methods that are meant: 'GET|POST /orders'."
  }))
}

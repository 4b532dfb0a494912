import { literal } from '../passes/source-literal.ts'
import type { Rule } from './rule.ts'

/** A rewrite whose prefix has no end. */
export const rewriteEscapesPrefix: Rule = {
  code: 'rewrite/escapes-prefix',
  severity: 'warning',
  summary: 'A rewrite puts the rest of a path right behind a name, so that it reaches other names that begin alike.',
  docs: `\`rewrite: '/public{path}'\` is meant for what is under \`/public/\`. Without the slash a request for \`-drafts/secret\` reaches \`/public-drafts/secret\`: a client chooses how the
name of the folder goes on. In nginx this is known as the off-by-slash of \`alias\`.

Put a slash in between: \`rewrite: '/public/{path}'\`.`,
  check: ({ resolved, place }) => resolved.routes.flatMap(({ id, match, action, pointer }) => {
    const rest = match.path.segments.at(-1)
    const at = action.rewrite?.findIndex((part, index) => {
      const before = action.rewrite![index - 1]
      return 'param' in part && rest?.kind === 'rest' && part.param === rest.name && before !== undefined && 'text' in before && !before.text.endsWith('/')
    }) ?? -1
    if (at < 0) return []
    const where = place(pointer, ['rewrite'])
    const text = action.rewrite!.map((part, index) => 'text' in part ? part.text : `${index === at ? '/' : ''}{${part.param}}`).join('')
    return [{
      code: 'rewrite/escapes-prefix',
      severity: 'warning',
      subject: `route:${id}`,
      message: `what a client asks for goes on right behind '${(action.rewrite![at - 1] as { readonly text: string }).text}'`,
      place: where,
      help: `Put a slash in between: '${text}'.`,
      fix: { title: `write '${text}'`, applicability: 'maybe-incorrect', edits: [{ kind: 'replace-value', place: where, text: literal(where.origin.file, text) }] }
    }]
  })
}

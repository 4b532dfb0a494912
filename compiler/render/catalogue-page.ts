import type { CatalogueEntry } from '../problems.ts'

const owners: Readonly<Record<CatalogueEntry['owner'], string>> = {
  pass: 'Found while the config is read',
  rule: 'Found by lint rules',
  policy: 'Found by the checks of policies'
}

/** The catalogue as a page of Markdown. `examples` gives the source of a config that fails with a code, where there is one. */
export function cataloguePage (entries: readonly CatalogueEntry[], examples: (code: string) => { readonly language: string, readonly source: string } | undefined): string {
  const sections = (['pass', 'rule', 'policy'] as const).map((owner) => {
    const own = entries.filter((entry) => entry.owner === owner)
    return `## ${owners[owner]}\n\n${own.map((entry) => section(entry, examples(entry.code))).join('\n')}`
  })
  return `<!-- Generated from the declarations of passes, rules and policies: npm run build && node dist/compiler/render/write-catalogue-page.js -->

# Diagnostics

Every finding has a code, \`owner/problem\`, named after what is wrong. \`gwc explain <code>\` shows its text offline; \`gwc rules\` lists all.

Errors make a bundle impossible and cannot be silenced. A warning can be, with a reason, by a comment on the line above it:

\`\`\`ts
// gwc-disable-next-line upstream/unused -- comes into use with release 12
\`\`\`

What is marked \`strict\` is told in that profile of \`gateway.lint.json\`, or where a level is given to its code there or by \`--rule\`.

| code | severity | fix | what is wrong |
|---|---|---|---|
${entries.map(({ code, severity, profile, fixable, summary }) => `| [${code}](#${anchor(code)}) | ${severity}${profile === undefined ? '' : `, ${profile}`} | ${fixable === true ? '`--fix`' : ''} | ${summary.replaceAll('|', '\\|')} |`).join('\n')}

${sections.join('\n')}`
}

function section ({ code, severity, profile, summary, docs }: CatalogueEntry, example: { readonly language: string, readonly source: string } | undefined): string {
  const source = example === undefined ? '' : `\nFails:\n\n\`\`\`${example.language}\n${example.source.trimEnd()}\n\`\`\`\n`
  return `### ${code}\n\n*${severity}${profile === undefined ? '' : `, in the profile ${profile} or when asked for`}*: ${summary}\n\n${docs.trim()}\n${source}`
}

/** As GitHub makes anchors of headings. */
function anchor (heading: string): string {
  return heading.replaceAll('/', '')
}

/** Names of all secrets that data refers to, each once, in the order of the alphabet. */
export function secretsIn (data: unknown): readonly string[] {
  const names = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const name = (value as { readonly $secret?: unknown }).$secret
    if (typeof name === 'string') names.add(name)
    else for (const member of Object.values(value)) visit(member)
  }
  visit(data)
  return [...names].sort()
}

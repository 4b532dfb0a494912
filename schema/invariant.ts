/** States what must hold if our own code is right; a violation is a bug of ours, never of the user or the network. */
export function invariant (condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`gwc bug: ${message}`)
}

/** Makes ids for requests: a random prefix for the process and a counter, unique and cheap, not secret. */
export function createRequestIds (random: () => number): () => string {
  const prefix = Array.from({ length: 10 }, () => Math.floor(random() * 36).toString(36)).join('')
  let count = 0
  return () => `${prefix}-${(count++).toString(36)}`
}

/** Whether an id from a trusted proxy may be passed on and logged. */
export function isRequestId (text: string): boolean {
  return /^[\x21-\x7e]{1,128}$/.test(text)
}

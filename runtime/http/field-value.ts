/** Fields that say how a message is framed or how its connection is used. They are the gateway's alone. */
export const framingFields: ReadonlySet<string> = new Set(['connection', 'content-length', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'])

/** A value that cannot end its line: values may hold what a client sent. Text beyond latin1 becomes UTF-8 octets. */
export function safeValue (value: string): string {
  if (/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return value
  const octets = /[^\x00-\xff]/.test(value) ? Buffer.from(value).toString('latin1') : value
  return octets.replace(/[\x00-\x08\x0a-\x1f\x7f]/g, ' ')
}

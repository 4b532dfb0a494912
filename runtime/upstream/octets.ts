/** 1 for each octet that a field name or method may have (RFC 9110 §5.6.2). */
export const tokenOctets = new Uint8Array(256)
for (const c of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") tokenOctets[c.charCodeAt(0)] = 1

/** 1 for each octet that a field value may have (RFC 9110 §5.5): visible ASCII, space, tab and obs-text; no CR, LF, NUL or other control. */
export const valueOctets = new Uint8Array(256).fill(1, 0x20)
valueOctets[0x7f] = 0
valueOctets[0x09] = 1

/** Whether the octets from `start` spell the lower-case ASCII text, in any case. */
export function spells (bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if ((bytes[start + i]! | 0x20) !== text.charCodeAt(i)) return false
  return true
}

/** Whether this is the SHA-256 of a key in the form that configs hold: `sha256:` and 64 hexadecimal digits in lower case. */
export function isHash (text: string): boolean {
  return /^sha256:[0-9a-f]{64}$/.test(text)
}

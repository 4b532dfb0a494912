/** Whether a text may be the name of a header or a cookie: a token of RFC 9110, section 5.6.2. */
export function isToken (text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)
}

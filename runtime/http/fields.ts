/** Value of the fields of this lower-case name in a raw head (names and values in turn), joined by `, ` (RFC 9110 §5.3), cookies by `; `. */
export function fieldValue (raw: readonly string[], name: string): string | undefined {
  let value: string | undefined
  for (let i = 0; i < raw.length; i += 2) {
    if (!isName(raw[i]!, name)) continue
    value = value === undefined ? raw[i + 1]! : `${value}${name === 'cookie' ? '; ' : ', '}${raw[i + 1]!}`
  }
  return value
}

/** Whether a field name as received is this lower-case name. */
export function isName (received: string, name: string): boolean {
  return received.length === name.length && (received === name || received.toLowerCase() === name)
}

/** First value of a parameter in a raw query, decoded as forms are: `%xx` and `+`. */
export function queryValue (search: string, name: string): string | undefined {
  for (let start = 0; start < search.length;) {
    let end = search.indexOf('&', start)
    if (end < 0) end = search.length
    const equals = search.indexOf('=', start)
    const nameEnd = equals < 0 || equals > end ? end : equals
    if (nameEnd > start || equals === start) {
      if (decodeForm(search.slice(start, nameEnd)) === name) return decodeForm(search.slice(nameEnd + 1, end))
    }
    start = end + 1
  }
  return undefined
}

/** First value of a cookie in a `Cookie` field (RFC 6265 §4.2), as sent. */
export function cookieValue (cookies: string, name: string): string | undefined {
  for (let start = 0; start < cookies.length;) {
    let end = cookies.indexOf(';', start)
    if (end < 0) end = cookies.length
    const equals = cookies.indexOf('=', start)
    if (equals >= 0 && equals < end && cookies.slice(start, equals).trim() === name) return cookies.slice(equals + 1, end).trim()
    start = end + 1
  }
  return undefined
}

const utf8 = new TextDecoder()

/** Broken escapes stay as they are, octets that are no UTF-8 become U+FFFD: nothing a client sends may throw. */
function decodeForm (text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text
  const spaced = text.replaceAll('+', ' ')
  return spaced.replace(/(?:%[0-9a-fA-F]{2})+/g, (escapes) => utf8.decode(Buffer.from(escapes.replaceAll('%', ''), 'hex')))
}

/** Methods and path of a route's match, or what is wrong at which offset of the text. */
export type ParsedMatch =
  | { readonly methods: readonly string[], readonly path: string, /** Offset of the path in the text. */ readonly at: number }
  | { readonly message: string, readonly at: number, readonly suggestion?: string }

/** Splits `GET|POST /users/:id`. The path itself is not read. Methods come back sorted. */
export function parseMatch (text: string): ParsedMatch {
  const at = text.startsWith('/') ? 0 : text.search(/ \//) + 1
  if (at === 0 && !text.startsWith('/')) {
    const space = text.search(/\s/)
    const methods = space < 0 ? text : text.slice(0, space)
    if (/^[A-Z|]+$/.test(methods) && space < 0) return { message: 'the path is missing', at: text.length, suggestion: `${text} /` }
    return { message: 'a path begins with /', at: space < 0 ? 0 : space + 1, suggestion: space < 0 ? `/${text}` : `${methods} /${text.slice(space).trim()}` }
  }
  const methods = at === 0 ? [] : text.slice(0, at - 1).split('|')
  let offset = 0
  for (const method of methods) {
    if (!/^[A-Z][A-Z-]*$/.test(method)) {
      const meant = methods.map((each) => each.trim().toUpperCase()).filter((each) => each !== '')
      const suggestion = meant.every((each) => /^[A-Z][A-Z-]*$/.test(each)) && meant.length > 0 ? `${meant.join('|')} ${text.slice(at)}` : undefined
      return { message: method === '' ? 'a method is missing' : `'${method}' is not a method: methods are in upper case, separated by |`, at: offset, ...(suggestion === undefined ? {} : { suggestion }) }
    }
    if (method === 'CONNECT') return { message: 'CONNECT has no path and cannot be routed', at: offset }
    offset += method.length + 1
  }
  return { methods: [...new Set(methods)].sort(), path: text.slice(at), at }
}

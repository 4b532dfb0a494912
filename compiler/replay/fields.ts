/** First value of a query parameter, percent-decoded. */
export function queryOf (search: string, name: string): string | undefined {
  return new URLSearchParams(search).get(name) ?? undefined
}

/** First value of a cookie. */
export function cookieOf (field: string | undefined, name: string): string | undefined {
  const pair = field?.split(/; */).find((part) => part.startsWith(`${name}=`))
  return pair?.slice(name.length + 1)
}

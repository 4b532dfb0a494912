let second = 0
let text = ''

/** The value of `Date` now (RFC 9110 §5.6.7), made once a second. `wall`: milliseconds since 1970. */
export function dateText (wall: number): string {
  const now = Math.floor(wall / 1000)
  if (now !== second) {
    second = now
    text = new Date(now * 1000).toUTCString()
  }
  return text
}

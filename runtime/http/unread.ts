import type { BodySource } from './client.ts'

/* What is done with the rest of a request whose response is complete. */

/** What is left of a request body after its response is read up to here to keep the connection. */
const maxDrained = 64 * 1024

/** How long, in milliseconds, a client may go on sending what nobody reads before its connection closes. */
export const lingerTime = 2_000

/** How long, in milliseconds, an unused connection of a closing listener waits for a request that may be on its way already. */
export const lastCall = 500

/** Whether the rest of a body of this length (-1: unknown) may be read for nobody, to keep the connection. */
export function canDrain (contentLength: number): boolean {
  return contentLength <= maxDrained
}

/** Reads the rest of a body for nobody; `tooMuch`, when there is no end of it. */
export function discard (body: BodySource, tooMuch: () => void, end: () => void): void {
  let bytes = 0
  body.read({
    data: (part) => {
      bytes += part.length
      if (bytes > 4 * maxDrained) tooMuch()
    },
    end,
  })
  body.resume()
}

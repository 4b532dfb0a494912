import type { IncomingMessage } from 'node:http'
import { isName } from './fields.ts'

/** The head of a request as bytes, written anew. Without `upgrade`, it does not ask to switch protocols any more. */
export function rawRequest (req: IncomingMessage, upgrade: boolean): Buffer {
  const { rawHeaders: raw } = req
  let head = `${req.method} ${req.url} HTTP/${req.httpVersion}\r\n`
  for (let i = 0; i < raw.length; i += 2) if (upgrade || !isName(raw[i]!, 'upgrade')) head += `${raw[i]!}: ${raw[i + 1]!}\r\n`
  return Buffer.from(`${head}\r\n`, 'latin1')
}

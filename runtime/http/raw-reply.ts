import { STATUS_CODES } from 'node:http'
import type { Reply } from '../problem.ts'

/** A reply as the bytes (latin1) of a whole response that closes the connection: for connections on which HTTP has broken down. */
export function rawReply (reply: Reply): string {
  let head = `HTTP/1.1 ${reply.status} ${STATUS_CODES[reply.status] ?? ''}\r\n`
  for (let i = 0; i < reply.fields.length; i += 2) head += `${reply.fields[i]!}: ${reply.fields[i + 1]!}\r\n`
  const body = Buffer.from(reply.body).toString('latin1')
  return `${head}Content-Length: ${body.length}\r\nConnection: close\r\nDate: ${new Date().toUTCString()}\r\n\r\n${body}`
}

import { request } from 'node:http'
import type { AdminAddress } from './address.ts'

/** An answer of an admin listener. */
export interface AdminAnswer {
  readonly status: number
  readonly body: unknown
}

/** Asks the admin listener of a running gateway. Rejects when it cannot be reached or does not answer within `timeout` milliseconds. */
export async function askAdmin (address: AdminAddress, method: 'GET' | 'POST', path: string, timeout = 10_000): Promise<AdminAnswer> {
  const { status, text } = await readAdmin(address, method, path, timeout)
  try {
    return { status, body: JSON.parse(text) }
  } catch {
    throw new Error('what answers there is not a gwc admin listener')
  }
}

/** The same, with the answer as it is. */
export function readAdmin (address: AdminAddress, method: 'GET' | 'POST', path: string, timeout: number): Promise<{ readonly status: number, readonly text: string }> {
  const where = 'path' in address ? { socketPath: address.path } : { host: address.host, port: address.port }
  return new Promise((resolve, reject) => {
    const call = request({ ...where, method, path, headers: { host: 'localhost' }, agent: false, timeout }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => { parts.push(part) })
      response.on('error', reject)
      response.on('end', () => { resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }) })
    })
    call.on('timeout', () => { call.destroy(new Error('no answer in time')) })
    call.on('error', reject)
    call.end()
  })
}

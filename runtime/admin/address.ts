import { isIP } from 'node:net'

/** Where the admin listener is: a Unix socket, or an address and port. */
export type AdminAddress = { readonly path: string } | { readonly host: string, readonly port: number }

/** Reads `127.0.0.1:9901`, `[::1]:9901`, `localhost:9901`, or the path of a socket. A string says what is wrong. */
export function parseAdminAddress (text: string): AdminAddress | string {
  if (text.startsWith('unix:') || text.includes('/')) return socketAddress(text.replace(/^unix:/, ''))
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^:]+)):(\d{1,5})$/i.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || Number(port) > 65_535) return 'write 127.0.0.1:9901, [::1]:9901, or the path of a socket'
  return { host, port: Number(port) }
}

/** Sockets have short names: the system allows 108 bytes. */
function socketAddress (path: string): AdminAddress | string {
  return Buffer.byteLength(path) > 107 ? `the path of a socket has at most 107 bytes, ${path} has more; give an address with --admin` : { path }
}

export function isLoopback (host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

export function printAdminAddress (address: AdminAddress): string {
  return 'path' in address ? address.path : `${isIP(address.host) === 6 ? `[${address.host}]` : address.host}:${address.port}`
}

/**
 * Whether a `Host` field is one that a person or program on this machine writes. A page in a browser whose name was rebound to
 * 127.0.0.1 sends its own name.
 */
export function isLocalHost (field: string | undefined): boolean {
  const name = field?.replace(/:\d{1,5}$/, '').replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return name !== undefined && isLoopback(name)
}

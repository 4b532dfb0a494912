/** An address that only this machine reaches. */
export function isLoopback (address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

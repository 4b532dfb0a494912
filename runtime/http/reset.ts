import type { Socket } from 'node:net'

/**
 * Closes a connection with RST, for bodies that end where the connection ends: a reader must not take the break for the end.
 * `socket.resetAndDestroy()` ends the stream first (FIN), so what it sets is set here. A Node without that member closes in the usual way.
 */
export function resetConnection (socket: Socket): void {
  Object.assign(socket, { resetAndClosing: true })
  socket.destroy()
}

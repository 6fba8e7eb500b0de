/** Where a viewer's frames go: the one connection to the server, or nowhere while there is none. */
import type { Socket } from 'node:net'

/** Bytes that may wait in the socket before viewers hold back: two flushes, so that it never runs dry. */
const MAX_WAITING_BYTES = 128 * 1024

export class Outlet {
  #socket: Socket | null = null

  connect(socket: Socket | null): void {
    this.#socket = socket
  }

  get hasRoom(): boolean {
    return this.#socket !== null && this.#socket.writableLength < MAX_WAITING_BYTES
  }

  send(frame: Buffer): void {
    this.#socket?.write(frame)
  }
}

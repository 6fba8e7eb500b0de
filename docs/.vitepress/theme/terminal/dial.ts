/** How a terminal of this page reaches its server. */
import { probe } from '../workbook/probe.ts'
import type { TerminalSocket } from './connection.ts'
import { type Place, terminalAddress } from './place.ts'

const base = import.meta.env.BASE_URL

export function dial(name: string, place: Place): TerminalSocket {
  const socket = new WebSocket(terminalAddress(new URL(base, location.href), name, place))
  socket.binaryType = 'arraybuffer'
  return socket as TerminalSocket
}

/** A server that refuses this browser goes on refusing it. */
export async function worthTrying(): Promise<boolean> {
  return (await probe(base, document.cookie, (input, init) => fetch(input, init))) !== 'refused'
}

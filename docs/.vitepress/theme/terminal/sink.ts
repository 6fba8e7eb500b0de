/** xterm as the connection sees it. */
import type { Terminal } from '@xterm/xterm'
import type { TerminalSink, TerminalState } from './connection.ts'

/** RIS, "reset to initial state": xterm forgets its scrollback, too. It waits its turn among what is yet to be parsed. */
const RESET = '\x1bc'

export function sinkInto(term: Terminal, state: (state: TerminalState) => void): TerminalSink {
  const encoder = new TextEncoder()
  return {
    write: (bytes, parsed) => term.write(bytes, parsed),
    // As bytes: xterm keeps what is left of a character cut in two apart for bytes and for text.
    clear: (modes, parsed) => term.write(encoder.encode(RESET + modes), parsed),
    resize: ({ cols, rows }) => term.resize(cols, rows),
    state,
  }
}

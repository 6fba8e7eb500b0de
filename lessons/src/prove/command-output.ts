/** From the bytes of a terminal to what a reader is shown: without echo and prompts, overwritten text gone, colours kept. */
import { SerializeAddon } from '@xterm/addon-serialize'
import headless from '@xterm/headless'

const COLUMNS = 100
const ROWS = 1000

/** Marks of semantic prompts (OSC 133), as the sandbox's bashrc prints them: C before output, D after it. */
const OUTPUT_BEGINS = '\u001b]133;C\u0007'
const OUTPUT_ENDS = /(?:\u001b\[\?2004h)?\u001b\]133;D;[^\u0007]*\u0007/g

/**
 * @param raw everything from the first typed character to the next prompt.
 * @param command what was typed; of several lines, the echo of all but the first stays, as a terminal shows it.
 * @returns lines that end in \n, with SGR escape sequences; empty when the command said nothing.
 */
export async function commandOutput(raw: string, command: string): Promise<string> {
  const body = raw.slice(outputStart(raw, command), outputEnd(raw))
  const terminal = new headless.Terminal({ cols: COLUMNS, rows: ROWS, scrollback: 0, allowProposedApi: true })
  const serializer = new SerializeAddon()
  terminal.loadAddon(serializer as unknown as Parameters<typeof terminal.loadAddon>[0])
  await new Promise<void>((resolve) => terminal.write(body, resolve))
  const lines = serializer
    .serialize({ excludeModes: true, excludeAltBuffer: true })
    .replaceAll(/\u001b\[\d*[A-LP-Zd-l]/g, '') // where the cursor is at the end is nobody's business
    .split('\r\n')
    .map((line) => line.trimEnd())
  terminal.dispose()
  while (lines.at(-1) === '') lines.pop()
  return lines.map((line) => `${line}\n`).join('')
}

/** After the echo of the first line. A shell without marks echoes a line and then runs it. */
function outputStart(raw: string, command: string): number {
  const mark = raw.indexOf(OUTPUT_BEGINS)
  const newline = raw.indexOf('\n')
  if (mark >= 0 && !command.includes('\n')) return mark + OUTPUT_BEGINS.length
  return newline + 1
}

/** Before the prompt after the last command, which is a line that has not ended. */
function outputEnd(raw: string): number {
  const last = [...raw.matchAll(OUTPUT_ENDS)].at(-1)
  return last ? last.index : raw.lastIndexOf('\n') + 1
}

/** A terminal host on this machine, without a sandbox, for tests of the host and the link alone. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleTerminalHost, TERMINAL_HOST_MODULE } from '../bundle-terminal-host.ts'
import { type LinkOptions, TerminalLink } from '../terminal-link.ts'

export interface LooseHost {
  readonly process: ChildProcess
  readonly socket: string
  readonly link: TerminalLink
  /** Lets go of the link without a word and listens again, as a killed and restarted server does. */
  relisten(): Promise<TerminalLink>
  end(): Promise<void>
}

export async function startLooseHost(options: LinkOptions = {}): Promise<LooseHost> {
  const directory = await mkdtemp('/var/tmp/terminal-host-')
  await bundleTerminalHost(directory)
  await writeFile(
    join(directory, '.bashrc'),
    "PS1='$ '\nunset HISTFILE\nbind 'set enable-bracketed-paste off'\n",
  )
  const socket = join(directory, 'terminal.sock')
  let link = await TerminalLink.listen(socket, options)
  const child = spawn(process.execPath, [join(directory, TERMINAL_HOST_MODULE), socket], {
    env: { ...process.env, HOME: directory },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return {
    process: child,
    socket,
    get link() {
      return link
    },
    async relisten() {
      await link.stop()
      link = await TerminalLink.listen(socket, options)
      await link.whenConnected()
      return link
    },
    async end() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      if (child.exitCode === null && child.signalCode === null) {
        child.kill()
        await ended
      }
      await link.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

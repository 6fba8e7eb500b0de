/** A sandbox with what the server holds open for it: the terminals' socket and the observer of its checks. */
import { Observer, type Sandbox, TerminalLink } from '@docker-internals/runtime'

export class RunningSandbox {
  readonly sandbox: Sandbox
  readonly link: TerminalLink
  readonly observer: Observer
  /** Something was typed or printed on a terminal. */
  onActivity: () => void = () => {}
  /** A terminal was opened or ended. */
  onTerminals: () => void = () => {}

  private constructor(sandbox: Sandbox, link: TerminalLink) {
    this.sandbox = sandbox
    this.link = link
    this.observer = new Observer(sandbox)
    link.onActivity(() => this.onActivity())
    link.onChange(() => this.onTerminals())
  }

  /** Listens for the sandbox's terminal host; a host that was there before the server dials in by itself. */
  static async attach(sandbox: Sandbox, log: (words: string) => void): Promise<RunningSandbox> {
    const link = await TerminalLink.listen(sandbox.terminalSocket, {
      revive: (options) => sandbox.startTerminalHost(options),
      log,
    })
    return new RunningSandbox(sandbox, link)
  }

  get id(): string {
    return this.sandbox.id
  }

  /** Lets go of it; it and its shells live on. */
  release(): Promise<void> {
    return this.link.stop()
  }

  async destroy(): Promise<void> {
    await this.release()
    await this.sandbox.destroy()
  }
}

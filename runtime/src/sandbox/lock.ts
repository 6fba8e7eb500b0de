/**
 * An exclusive flock(2) on a file, held by a child of ours: Node has no flock of its own.
 * The child lives as long as a pipe from us is open, so that the lock goes with us even by SIGKILL.
 */
import { spawn } from 'node:child_process'

export interface Lock {
  release(): Promise<void>
}

/** Waits up to `timeout` seconds; null when somebody else still holds the lock then. */
export function lock(file: string, timeout: number): Promise<Lock | null> {
  return new Promise((resolve, reject) => {
    // cat holds the lock through the descriptor it inherits; it ends when our end of the pipe closes.
    const script = 'exec 9>"$1" && flock --exclusive --timeout "$2" 9 || exit 3; echo held; exec cat'
    const holder = spawn('sh', ['-c', script, 'lock', file, String(timeout)], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true, // Ctrl-C in our terminal must not end it before our own clean-up
    })
    const ended = new Promise<void>((done) => holder.on('close', () => done()))
    holder.on('error', reject)
    holder.stdout.once('data', () => {
      holder.unref()
      for (const pipe of [holder.stdin, holder.stdout]) (pipe as unknown as { unref(): void }).unref()
      resolve({
        async release() {
          holder.ref()
          holder.stdin.end()
          await ended
        },
      })
    })
    holder.on('close', (code) => (code === 3 ? resolve(null) : reject(new Error(`flock ended with ${code}`))))
  })
}

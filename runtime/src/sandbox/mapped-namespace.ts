/**
 * Runs programs as the root of a sandbox's id range: files they make belong to mapped ids, set-user-id bits stay, and
 * file capabilities are written with the range's root as their `rootid`, without which they would not count inside.
 * user_namespaces(7), capabilities(7) "Namespaced file capabilities".
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type IdRange, mapLine } from './id-range.ts'

/** @param use is given the words to put before a command's own. The namespace goes when it settles. */
export async function inMappedNamespace<T>(
  range: IdRange,
  use: (prefix: string[]) => Promise<T>,
): Promise<T> {
  const holder = spawn('unshare', ['--user', 'sh', '-c', 'echo; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  try {
    await Promise.race([
      once(holder.stdout, 'data'),
      once(holder, 'error').then(([error]) => Promise.reject(error)),
      once(holder, 'exit').then(([code]) => Promise.reject(new Error(`unshare --user ended with ${code}`))),
    ])
    await writeFile(`/proc/${holder.pid}/uid_map`, mapLine(range))
    await writeFile(`/proc/${holder.pid}/gid_map`, mapLine(range))
    return await use([
      'nsenter',
      `--user=/proc/${holder.pid}/ns/user`,
      '--setuid',
      '0',
      '--setgid',
      '0',
      '--',
    ])
  } finally {
    holder.stdin.end()
    if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit').catch(() => {})
  }
}

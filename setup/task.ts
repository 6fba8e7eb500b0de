/** How every task ends: a person's mistake is one clear sentence and exit code 1, a fault of ours shows its stack. */
import { WorkbookError } from '../runtime/src/model/index.ts'

export async function runTask(task: () => Promise<void>): Promise<void> {
  try {
    await task()
  } catch (error) {
    console.error(error instanceof WorkbookError ? error.message : error)
    process.exit(1)
  }
}

/** A line on stderr for each thing that takes long; the same words are shown once. */
export function progressLines(): (words: string) => void {
  let last = ''
  return (words) => {
    if (words === last) return
    last = words
    console.error(words)
  }
}

/** @throws WorkbookError unless this is Linux and we are root. */
export function requireLinuxRoot(what: string): void {
  if (process.platform !== 'linux')
    throw new WorkbookError({
      code: 'not-linux',
      expected: `Linux to ${what}`,
      found: process.platform,
      remedy: 'Use a Linux machine; a virtual one is enough.',
    })
  if (process.getuid?.() !== 0)
    throw new WorkbookError({
      code: 'not-root',
      expected: `root to ${what} (sandboxes need mounts, cgroups and namespaces)`,
      found: `user id ${process.getuid?.()}`,
      remedy: 'Run it with sudo.',
    })
}

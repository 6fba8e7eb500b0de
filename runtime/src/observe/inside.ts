/**
 * What a learner's path holds, read by a short-lived process inside the sandbox.
 *
 * From the host such a path must never be opened: /proc/<pid>/root/link follows a link to the host's file,
 * and a FIFO or a FUSE mount blocks the caller for ever. The process inside sees only what the learner
 * sees, has the learner's rights and limits, and is killed when it takes too long. The learner may have
 * replaced its programs; that deceives nobody but the learner.
 */
import type { InsideFile } from '../model/index.ts'
import type { ObservedSandbox } from './observer.ts'

const MAX_BYTES = 64 * 1024
/** Milliseconds. Reading a small file takes one or two; what takes this long is blocked. */
const READ_TIMEOUT = 500
const COMMAND_TIMEOUT = 2_000

const DIRECTORY = 40
const ABSENT = 41
const SPECIAL = 42

/** The kind is the exit code, the contents are the output. A path that changes between test and read blocks, and is killed. */
const READER = `
if [ -d "$1" ]; then find "$1" -mindepth 1 -maxdepth 1 -printf '%f\\0'; exit ${DIRECTORY}
elif [ -f "$1" ]; then exec head -c ${MAX_BYTES + 1} -- "$1"
elif [ -e "$1" ]; then stat -Lc %F -- "$1"; exit ${SPECIAL}
else exit ${ABSENT}; fi`

export async function readInside(sandbox: ObservedSandbox, path: string): Promise<InsideFile> {
  const { code, stdout, stderr } = await sandbox.exec(['/bin/sh', '-c', READER, 'read', path], {
    timeout: READ_TIMEOUT,
    maxBytes: 2 * MAX_BYTES,
  })
  switch (code) {
    case 0: {
      const bytes = Buffer.from(stdout)
      const truncated = bytes.length > MAX_BYTES
      return { kind: 'file', text: truncated ? bytes.subarray(0, MAX_BYTES).toString() : stdout, truncated }
    }
    case DIRECTORY:
      return { kind: 'directory', entries: stdout.split('\0').filter(Boolean).sort() }
    case ABSENT:
      return { kind: 'absent' }
    case SPECIAL:
      return { kind: 'refused', reason: `it is a ${stdout.trim()}, not a file` }
    case null:
      return { kind: 'refused', reason: `reading it took longer than ${READ_TIMEOUT} ms` }
    default:
      return {
        kind: 'refused',
        reason: stderr.trim().split('\n').at(-1) || `reading it ended with code ${code}`,
      }
  }
}

export async function commandOutput(
  sandbox: ObservedSandbox,
  argv: readonly string[],
): Promise<string | null> {
  const { code, stdout } = await sandbox.exec(argv, { timeout: COMMAND_TIMEOUT, maxBytes: MAX_BYTES })
  return code === 0 ? stdout : null
}

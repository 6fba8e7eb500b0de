/**
 * Every Debian package the project needs on the machine itself, and the one place that installs them.
 * (What is inside the sandbox is the image's recipe, runtime/src/sandbox.)
 */
import { spawn, spawnSync } from 'node:child_process'
import { WorkbookError } from '../runtime/src/model/index.ts'

/** To serve the workbook: run sandboxes, build their image, make their disks, links and mounts. */
export const TO_SERVE = [
  'runc',
  'mmdebstrap',
  'e2fsprogs',
  'util-linux',
  'mount',
  'iproute2',
  'kmod',
  'procps',
]
/** To test it: a real browser. */
export const TO_TEST = ['chromium']
/** To prove lessons on another version of control groups than the host's: a machine for a second kernel. */
export const TO_PROVE_V2 = ['qemu-system-x86']
/** To compare with: the bench's peer for sandboxes. */
export const TO_BENCH = ['docker.io', 'iptables']

/**
 * Installs what is missing of `packages`.
 * @throws WorkbookError where apt is not there, the user is not root, or apt fails.
 */
export async function ensurePackages(
  packages: readonly string[],
  progress: (words: string) => void,
): Promise<void> {
  const missing = packages.filter((name) => !installed(name))
  if (missing.length === 0) return
  const byHand = `Install by hand: ${missing.join(' ')}.`
  if (spawnSync('apt-get', ['--version']).status !== 0)
    throw new WorkbookError({
      code: 'no-apt',
      expected: `the packages ${missing.join(', ')} or apt-get to install them`,
      found: 'neither',
      remedy: byHand,
    })
  progress(`Installing Debian packages: ${missing.join(' ')}`)
  const apt = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Dpkg::Use-Pty=0', '-q']
  await run('apt-get', [...apt, 'update'])
  const failed = await run('apt-get', [...apt, 'install', '-y', '--no-install-recommends', ...missing])
  if (failed)
    throw new WorkbookError({
      code: 'apt-failed',
      expected: `apt-get to install ${missing.join(' ')}`,
      found: failed,
      remedy: `Check the network and the package sources, then try again. ${byHand}`,
    })
}

function installed(name: string): boolean {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills it in.
  const query = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], { encoding: 'utf8' })
  return query.status === 0 && query.stdout === 'installed'
}

/** Null when the command succeeded, else its last words. Its output is kept off the terminal: progress is ours to show. */
function run(command: string, args: string[]): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    })
    let tail = ''
    const keep = (chunk: Buffer) => {
      tail = (tail + chunk).slice(-2000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code) => resolve(code === 0 ? null : tail.trim().split('\n').slice(-3).join(' ')))
  })
}

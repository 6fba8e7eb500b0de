/**
 * Every Debian package the project needs on the machine itself, and the one place that installs them.
 * (What is inside the sandbox is the image's recipe, runtime/src/sandbox.)
 */
import { spawn, spawnSync } from 'node:child_process'
import { detectCgroups } from '../runtime/src/index.ts'
import { WorkbookError } from '../runtime/src/model/index.ts'

/** To serve the workbook: run sandboxes, build their image, make their disks, links and mounts. */
export const TO_SERVE = 'mmdebstrap e2fsprogs util-linux mount iproute2 kmod procps'.split(' ')
/** The runtime the sandboxes are proven with: crun 1.8 refuses a hybrid host whose v2 root has controllers. */
export const OCI_RUNTIME = { v1: 'runc', v2: 'crun' } as const
/** To test it: a real browser. */
export const TO_TEST = ['chromium']
/** To prove lessons on another version of control groups than the host's: a machine for a second kernel. */
export const TO_PROVE_V2 = ['qemu-system-x86']
/** To compare with: the bench's peer for sandboxes. */
export const TO_BENCH = ['docker.io', 'iptables']
/** To build the lab's own box and run it, with or without libvirt's daemons: `npm run vm`. */
export const TO_RUN_VM =
  'qemu-system-x86 qemu-utils mmdebstrap syslinux syslinux-common mtools dosfstools fdisk e2fsprogs vagrant vagrant-libvirt libvirt-daemon-system libvirt-clients dnsmasq-base dbus rsync openssh-client iptables'.split(
    ' ',
  )
/** To build the container image without pulling, and to try it. */
export const TO_BUILD_CONTAINER = ['mmdebstrap', 'docker.io', 'iptables']

export async function toServe(): Promise<string[]> {
  const { version } = await detectCgroups()
  return [...TO_SERVE, OCI_RUNTIME[version]]
}

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

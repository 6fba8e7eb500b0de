/** What the host itself must offer before the first sandbox: kernel limits, modules, a /dev/fuse of our own. */
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mustRun, run } from './command.ts'

/** Raised to at least this, never lowered. Each is shared by all sandboxes, as they share one range of ids. */
const SYSCTLS: Readonly<Record<string, number>> = {
  // Every container and every session takes a keyring or two of its user; 200 is the default. keyrings(7)
  'kernel/keys/maxkeys': 20_000,
  'kernel/keys/maxbytes': 2_000_000,
  // Node, Docker and containerd take one each; 128 is the default. inotify(7)
  'fs/inotify/max_user_instances': 8192,
  'fs/inotify/max_user_watches': 524_288,
  // Every terminal is one; 4096 is the default. pty(7)
  'kernel/pty/max': 16_384,
}

/** What a sandbox uses and cannot load by itself: a user namespace has no CAP_SYS_MODULE over the host. */
const MODULES =
  'loop overlay fuse veth bridge br_netfilter nf_tables nft_compat ip_tables iptable_nat xt_MASQUERADE xt_addrtype xt_conntrack macvlan vxlan'

/** @returns what could not be done, in words, for the log; none of it keeps a sandbox from starting. */
export async function prepareHost(): Promise<string[]> {
  const complaints: string[] = []
  for (const [name, wanted] of Object.entries(SYSCTLS)) {
    const file = join('/proc/sys', name)
    try {
      if (Number(await readFile(file, 'utf8')) < wanted) await writeFile(file, String(wanted))
    } catch (error) {
      complaints.push(`${name.replaceAll('/', '.')} stays as it is: ${(error as Error).message}`)
    }
  }
  // A kernel without /proc/modules has everything it will ever have built in.
  if (await stat('/proc/modules').catch(() => null)) {
    // One by one: a name this kernel does not know must not keep the others from being loaded.
    for (const module of MODULES.split(' ')) await run(['modprobe', '--quiet', module]).catch(() => null)
  }
  return complaints
}

/** The fuse device, character 10:229, Documentation/admin-guide/devices.txt. The host's own node is mode 600 in many places. */
export async function fuseNode(directory: string): Promise<string> {
  const node = join(directory, 'fuse')
  if (!(await stat(node).catch(() => null))?.isCharacterDevice()) {
    await mkdir(directory, { recursive: true, mode: 0o711 })
    await mustRun(['mknod', node, 'c', '10', '229'])
  }
  await chmod(node, 0o666)
  return node
}

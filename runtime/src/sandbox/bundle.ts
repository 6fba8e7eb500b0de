/**
 * The OCI bundle of a sandbox: config.json of the runtime specification.
 * Why each part is as it is stands beside it; https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md
 */
import { readFile } from 'node:fs/promises'
import type { IdRange } from './id-range.ts'

export interface BundleParts {
  /** Mounted root file system, on the host. */
  readonly root: string
  /** The sandbox's disk, on the host: its directories `home`, `docker` and `tmp` are bound in. */
  readonly disk: string
  readonly socketDirectory: string
  readonly terminalHost: string
  /** The Node binary, bound over an empty file `node` in the terminal host's directory. */
  readonly node: string
  readonly fuseNode: string
  readonly cgroup: string
  /** A v2 hierarchy without controllers beside v1 ones: mounted where systemd has it, so that lessons on v2 files work. */
  readonly hybrid: boolean
  readonly range: IdRange
}

export const HOSTNAME = 'lab'
export const TERMINAL_HOST_DIRECTORY = '/usr/lib/docker-internals'
export const SOCKET_DIRECTORY = '/run/docker-internals'

export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/root',
  USER: 'root',
  LOGNAME: 'root',
  SHELL: '/bin/bash',
  LANG: 'C.UTF-8',
  TERM: 'xterm-256color',
}

/** The terminal host's command line inside; `TERMINAL_SOCKET` is where it dials. */
export const TERMINAL_HOST_ARGV = [
  `${TERMINAL_HOST_DIRECTORY}/node`,
  `${TERMINAL_HOST_DIRECTORY}/terminal-host.mjs`,
  `${SOCKET_DIRECTORY}/terminal.sock`,
]

/**
 * PID 1 ignores SIGCHLD, which makes the kernel reap every orphan by itself (wait(2), notes), and sleeps:
 * nothing it started can end it, and as it has no handlers, nothing inside can kill it (kill(2), notes).
 * Debian's `catatonit -P` reaps too, but SIGTERM from inside ends it and the sandbox with it (tried).
 * Before that it lets go of the runtime's pipes and starts the terminal host, which saves an `exec` from outside.
 *
 * On cgroup v2 a group with processes cannot give controllers to its children, so init and all that follows
 * move to the leaf /init and the controllers are enabled above it. cgroup-v2.rst, "No Internal Process Constraint".
 */
export const LEAF = 'init'
const INIT = `
exec </dev/null >/dev/null 2>&1
cd /root
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/${LEAF} && echo $$ >/sys/fs/cgroup/${LEAF}/cgroup.procs
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo +$controller >/sys/fs/cgroup/cgroup.subtree_control
  done
fi
if [ -e ${TERMINAL_HOST_ARGV[1]} ]; then setsid ${TERMINAL_HOST_ARGV.join(' ')} & fi
exec env --ignore-signal=CHLD /sbin/init infinity`

/** @returns config.json as an object. */
export async function bundleConfig(parts: BundleParts): Promise<object> {
  const all = await allCapabilities()
  const idMappings = [{ containerID: 0, hostID: parts.range.base, size: parts.range.count }]
  return {
    ociVersion: '1.0.2',
    hostname: HOSTNAME,
    root: { path: parts.root, readonly: false },
    process: {
      terminal: false,
      user: { uid: 0, gid: 0 },
      cwd: '/',
      args: ['/bin/sh', '-c', INIT],
      env: Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`),
      // Nothing inheritable: with a full set, `capsh --drop=cap_sys_chroot` would not drop it for the command.
      capabilities: { bounding: all, effective: all, permitted: all, inheritable: [], ambient: [] },
      noNewPrivileges: false,
    },
    mounts: mounts(parts),
    linux: {
      namespaces: ['pid', 'network', 'ipc', 'uts', 'mount', 'user', 'cgroup'].map((type) => ({ type })),
      uidMappings: idMappings,
      gidMappings: idMappings,
      cgroupsPath: parts.cgroup,
      rootfsPropagation: 'rprivate',
      // No masked or read-only paths: a nested proc mount needs a fully visible one (mount_too_revealing()).
      maskedPaths: [],
      readonlyPaths: [],
      resources: {
        devices: [
          { allow: false, access: 'rwm' },
          // A node alone is not enough: the devices controller has the last word on /dev/fuse.
          { allow: true, type: 'c', major: 10, minor: 229, access: 'rwm' },
        ],
      },
    },
  }
}

function mounts({ disk, socketDirectory, terminalHost, node, fuseNode, hybrid }: BundleParts): object[] {
  const fresh = (destination: string, type: string, options: string[], source = type) => ({
    destination,
    type,
    source,
    options,
  })
  const bound = (destination: string, source: string, ...options: string[]) => ({
    destination,
    type: 'bind',
    source,
    // Private: crun opens the source on the host, where systemd has made every mount shared, and what is then mounted
    // over a file in it (our Node binary) would appear on the host too (crun 1.21, tried).
    options: ['rbind', 'rprivate', ...options],
  })
  const hardened = ['nosuid', 'noexec', 'nodev']
  return [
    fresh('/proc', 'proc', []),
    fresh('/dev', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    fresh('/dev/pts', 'devpts', ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']),
    fresh('/dev/shm', 'tmpfs', ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k'], 'shm'),
    fresh('/dev/mqueue', 'mqueue', hardened),
    fresh('/sys', 'sysfs', hardened),
    fresh('/sys/fs/cgroup', 'cgroup', [...hardened, 'relatime']),
    ...(hybrid ? [fresh('/sys/fs/cgroup/unified', 'cgroup2', hardened)] : []),
    fresh('/run', 'tmpfs', ['nosuid', 'nodev', 'mode=755', 'size=65536k']),
    // `ip netns exec` detaches /sys before it mounts a new one, and the kernel wants another that is fully visible.
    // At the root: crun 1.8 refuses a sysfs anywhere deeper.
    fresh('/.sysfs', 'sysfs', hardened),
    bound('/root', `${disk}/home`),
    bound('/tmp', `${disk}/tmp`),
    bound('/var/lib/docker', `${disk}/docker`),
    bound('/dev/fuse', fuseNode),
    bound(TERMINAL_HOST_DIRECTORY, terminalHost, 'ro', 'nosuid', 'nodev'),
    bound(`${TERMINAL_HOST_DIRECTORY}/node`, node, 'ro', 'nosuid', 'nodev'),
    bound(SOCKET_DIRECTORY, socketDirectory, 'ro', 'nosuid', 'nodev', 'noexec'),
  ]
}

/** Names by number, linux/capability.h. */
const CAPABILITIES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'.split(
    ' ',
  )

/**
 * Every capability this kernel has. Within a new user namespace they are all there to be given, even one that the
 * host's own bounding set lacks (without CAP_SYS_RESOURCE there, `docker run --privileged` fails inside); over
 * anything outside of it they count for nothing. user_namespaces(7), capabilities(7).
 */
async function allCapabilities(): Promise<string[]> {
  const last = Number(await readFile('/proc/sys/kernel/cap_last_cap', 'utf8'))
  return CAPABILITIES.slice(0, last + 1).map((name) => `CAP_${name}`)
}

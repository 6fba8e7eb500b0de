/**
 * What a check may look at: the kernel's own account of one sandbox, read from outside of it.
 * Pids are host pids unless a name says otherwise; cgroup paths are as the learner sees them
 * ("/" is the sandbox's own root, "/lfnw" a group directly below it).
 */
import type { CgroupVersion } from './cgroup-version.ts'

/** The eight kinds of namespaces(7), by the names of /proc/<pid>/ns. */
export const NAMESPACE_KINDS = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'user', 'uts'] as const
export type NamespaceKind = (typeof NAMESPACE_KINDS)[number]

export interface ObservedProcess {
  /** Pid in the host's pid namespace. */
  readonly pid: number
  /** Pid as the sandbox's own pid namespace shows it (NSpid of /proc/<pid>/status, second entry). */
  readonly insidePid: number
  /** Pids from the sandbox's namespace inwards; longer than one when the process sits in a nested one. */
  readonly nestedPids: readonly number[]
  /** Host pid of the parent. */
  readonly parent: number
  /** `comm`: at most 15 bytes, chosen by the process itself, so never trusted. */
  readonly name: string
  /** State letter of /proc/<pid>/stat: R, S, D, T, Z, … */
  readonly state: string
  /** Start time in clock ticks since boot; with the pid it identifies the process. */
  readonly startTime: number
  /** Cgroup path below the sandbox's root by controller ("pids", "memory", …); v2 and the v2 side of a hybrid host use the key "unified". A path outside of the sandbox's root does not appear. */
  readonly cgroups: Readonly<Record<string, string>>
  /** Inode of each namespace; absent when the process ended during the read. */
  readonly namespaces: Readonly<Partial<Record<NamespaceKind, number>>>
}

/** One line of /proc/<pid>/mountinfo, proc_pid_mountinfo(5). */
export interface ObservedMount {
  readonly id: number
  readonly parent: number
  readonly device: string
  readonly root: string
  readonly target: string
  readonly options: readonly string[]
  /** Propagation: "shared:1", "master:2", "unbindable"; empty when private. */
  readonly propagation: readonly string[]
  readonly type: string
  readonly source: string
  readonly superOptions: readonly string[]
}

/** What stands at a path inside the sandbox; symbolic links are resolved inside, never on the host. */
export type InsideFile =
  | { readonly kind: 'file'; readonly text: string; readonly truncated: boolean }
  | { readonly kind: 'directory'; readonly entries: readonly string[] }
  | { readonly kind: 'absent' }
  /** Not read, and why: "a FIFO", "took longer than 500 ms", … */
  | { readonly kind: 'refused'; readonly reason: string }

export interface Observation {
  readonly version: CgroupVersion
  /** The shells of the learner's terminals: terminal name ("a", "b", …) to host pid. */
  readonly shells: ReadonlyMap<string, number>
  /** The value the learner typed into an answer step, if the step asks for one. */
  readonly answer: string | null
  processes(): Promise<readonly ObservedProcess[]>
  /** Every group of the controller's hierarchy below the sandbox's root, "/" included, sorted. */
  cgroups(controller: string): Promise<readonly string[]>
  /** Contents of a cgroup file without the final newline; null when the group or the file is not there. */
  cgroupFile(controller: string, group: string, file: string): Promise<string | null>
  /** The mount table of a process; empty when it ended. */
  mounts(pid: number): Promise<readonly ObservedMount[]>
  /** Reads a path by a short-lived process inside the sandbox: at most 64 KiB and 500 ms, regular files and directories only. */
  inside(path: string): Promise<InsideFile>
  /** Output of a fixed, trusted program run inside the sandbox's namespaces (for example `ip -j link`); at most 64 KiB and 2 s. Null when it failed. */
  output(argv: readonly string[]): Promise<string | null>
}

/** What the parser finds in a lesson's page. The site, the prover and "start here" all work from this. */
import type { CgroupVersion } from './cgroup-version.ts'

/** A fenced block marked `run`. */
export interface CommandBlock {
  readonly code: string
  /** Null when the command is the same on v1 and v2. */
  readonly version: CgroupVersion | null
  /** Name of the terminal it is typed into: "a" unless the fence says `in=b`. */
  readonly terminal: string
  /** The program stays in the foreground (`stays`): no prompt comes back. */
  readonly stays: boolean
  /** A key to press instead of typing text (`key=C-c`). */
  readonly key: string | null
  /** Line of the opening fence in the page, from 1. */
  readonly line: number
}

export interface PageStep {
  readonly id: string
  /** The words after the id on the opening line. */
  readonly title: string
  readonly line: number
  readonly commands: readonly CommandBlock[]
}

export interface LessonPage {
  /** Stable: the folder's name without its number, "pids-max". Progress is keyed by it. */
  readonly id: string
  /** The part's folder, "1-cgroups-and-namespaces". */
  readonly part: string
  /** Place within the part, from the folder's number. */
  readonly number: number
  readonly title: string
  /** Minutes a learner needs, from the front matter. */
  readonly minutes: number
  /** Path of the page in the site, "/1-cgroups-and-namespaces/05-pids-max/". */
  readonly path: string
  readonly steps: readonly PageStep[]
}

/** What the proof recorded of one lesson on one cgroup version; volatile values are masked. */
export interface Recording {
  readonly lesson: string
  readonly version: CgroupVersion
  /** Of the kernel it was recorded on, "6.12": another one may have other files and say other words. */
  readonly kernel: string
  /** Step id to its commands in the order typed, each with the terminal output (ANSI escape sequences kept, lines end in \n). */
  readonly steps: Readonly<Record<string, readonly RecordedCommand[]>>
}

export interface RecordedCommand {
  readonly terminal: string
  readonly command: string
  readonly output: string
}

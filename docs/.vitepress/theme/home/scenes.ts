/** The four commands of the start page's animation: those of the lesson on pids.max, and what each does to the picture. */
export interface Scene {
  readonly command: string
  readonly output?: string
  /** What the kernel does, in a sentence. */
  readonly says: string
}

export const scenes: readonly Scene[] = [
  {
    command: 'mkdir /sys/fs/cgroup/pids/lfnw',
    says: 'You make a directory; the kernel makes it a control group.',
  },
  {
    command: 'echo $$ > /sys/fs/cgroup/pids/lfnw/tasks',
    says: 'Your shell moves in. Whatever it starts from now on lives there too.',
  },
  {
    command: 'echo 2 > /sys/fs/cgroup/pids/lfnw/pids.max',
    says: 'Two processes may live in the group. The shell is the first.',
  },
  {
    command: 'ls | wc -l',
    output: 'bash: fork: retry: Resource temporarily unavailable',
    says: 'A pipeline needs two more. The second is refused.',
  },
]

/**
 * Which host ids the ids of a sandbox stand for. user_namespaces(7).
 *
 * Today every sandbox has the same range: the image is chowned to it once, at build time.
 * A range for each sandbox needs the image bind-mounted with `X-mount.idmap`, and util-linux before 2.39
 * ignores that option without a word (a plain bind, exit 0), so a version check belongs in `idRange()`,
 * the one place that decides.
 */
export interface IdRange {
  /** Host id that 0 inside stands for. */
  readonly base: number
  readonly count: number
}

/**
 * 1,900,000,000 lies above what systemd-nspawn (up to 0x6fffffff) and /etc/subuid (from 100,000 up) give out
 * and below 2^31. Four blocks of 65,536: the sandbox's own users, the block /etc/subuid inside hands to
 * root, one for the sandbox's ordinary user, and one to spare.
 */
export const SHARED_RANGE: IdRange = { base: 1_900_000_000, count: 4 * 65_536 }

export function idRange(): IdRange {
  return SHARED_RANGE
}

/** One line of /proc/<pid>/uid_map: inside, outside, count. */
export function mapLine({ base, count }: IdRange): string {
  return `0 ${base} ${count}\n`
}

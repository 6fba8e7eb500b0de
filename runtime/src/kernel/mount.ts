/** The mount table of a process, from /proc/<pid>/mountinfo: proc_pid_mountinfo(5). */
import { readFile } from 'node:fs/promises'
import type { ObservedMount } from '../model/index.ts'

/** Lines that do not have the documented shape are left out. */
export function parseMountinfo(text: string): ObservedMount[] {
  return text.split('\n').flatMap((line) => {
    const [left, right] = line.split(' - ', 2)
    if (left === undefined || right === undefined) return []
    const [id, parent, device, root, target, options, ...propagation] = left.split(' ')
    const [type, source, superOptions] = right.split(' ')
    if (options === undefined || superOptions === undefined) return []
    return [
      {
        id: Number(id),
        parent: Number(parent),
        device: device!,
        root: unescapeOctal(root!),
        target: unescapeOctal(target!),
        options: options.split(','),
        propagation,
        type: type!,
        source: unescapeOctal(source!),
        superOptions: superOptions.split(',').map(unescapeOctal),
      },
    ]
  })
}

/** The kernel writes space, tab, newline and backslash as three octal digits. */
function unescapeOctal(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** Empty when the process ended. */
export async function readMounts(pid: number | 'self'): Promise<ObservedMount[]> {
  try {
    return parseMountinfo(await readFile(`/proc/${pid}/mountinfo`, 'utf8'))
  } catch {
    return []
  }
}

export interface OverlayLayers {
  /** Topmost first. */
  readonly lower: readonly string[]
  readonly upper: string | null
  readonly work: string | null
}

/** Null when the mount is not an overlay. Colons in directory names are escaped by a backslash (overlayfs.rst). */
export function overlayLayers(mount: ObservedMount): OverlayLayers | null {
  if (mount.type !== 'overlay') return null
  const option = (name: string) =>
    mount.superOptions.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1) ?? null
  const lower = option('lowerdir')?.split(/(?<!\\):/) ?? []
  return {
    lower: lower.filter(Boolean).map((path) => path.replaceAll('\\:', ':')),
    upper: option('upperdir'),
    work: option('workdir'),
  }
}

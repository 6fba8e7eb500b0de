/** The words after the language of a fence: `run`, a cgroup version, where and how it is typed. */
import { type CgroupVersion, KEY } from '@docker-internals/runtime/model'

export interface RunFence {
  readonly version: CgroupVersion | null
  readonly terminal: string
  readonly stays: boolean
  readonly key: string | null
}

/** Null when the fence is not marked `run`. `refuse` is called on a word that means nothing. */
export function parseRunFence(
  info: string,
  refuse: (words: { expected: string; found: string; remedy: string }) => never,
): RunFence | null {
  const [, ...words] = info.trim().split(/\s+/)
  if (!words.includes('run')) return null
  let version: CgroupVersion | null = null
  let terminal = 'a'
  let stays = false
  let key: string | null = null
  for (const word of words) {
    const place = /^in=([a-h])$/.exec(word)?.[1]
    const pressed = word.startsWith('key=') && KEY.test(word.slice(4)) ? word.slice(4) : null
    if (word === 'v1' || word === 'v2') version = word
    else if (word === 'stays') stays = true
    else if (place) terminal = place
    else if (pressed) key = pressed
    else if (word !== 'run')
      refuse({
        expected: 'run, v1, v2, in=a to in=h, stays or key=C-c on a fence',
        found: `"${word}"`,
        remedy: 'Remove or mend the word.',
      })
  }
  return { version, terminal, stays, key }
}

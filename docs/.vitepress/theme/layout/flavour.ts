/**
 * Which design of control groups the commands are shown for.
 * The choice stands on <html data-cgroup> (set before the first paint by the script in config.ts) and style
 * rules hide the other one, so that switching moves no component and hydration has nothing to correct.
 */

import type { CgroupVersion } from '@docker-internals/runtime/model'
import { readonly, ref } from 'vue'

const shown = ref<CgroupVersion>('v1')
let chosenByReader = false

export const flavour = readonly(shown)

/** To be called once the page lives. */
export function readFlavour(): void {
  shown.value = document.documentElement.dataset.cgroup === 'v2' ? 'v2' : 'v1'
}

export function chooseFlavour(version: CgroupVersion): void {
  chosenByReader = true
  show(version)
  try {
    localStorage.setItem('cgroup', version)
  } catch {
    // Storage is refused in some private windows; the choice then lasts as long as the page.
  }
}

/** The sandbox says what it has; the reader's own choice of this visit stands. */
export function followSandbox(version: CgroupVersion): void {
  if (!chosenByReader) show(version)
}

function show(version: CgroupVersion): void {
  shown.value = version
  document.documentElement.dataset.cgroup = version
}

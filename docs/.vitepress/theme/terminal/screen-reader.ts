/** Whether terminals keep a copy of their lines for screen readers: it costs speed, so it is the reader's choice. */
import { ref, watch } from 'vue'

const KEY = 'screen-reader'

export const screenReader = ref(readChoice())

watch(screenReader, (on) => {
  try {
    if (on) localStorage.setItem(KEY, 'on')
    else localStorage.removeItem(KEY)
  } catch {
    // Storage is refused in some private windows; the choice then lasts as long as the page.
  }
})

function readChoice(): boolean {
  try {
    return localStorage.getItem(KEY) === 'on'
  } catch {
    return false // refused, or there is no browser yet
  }
}

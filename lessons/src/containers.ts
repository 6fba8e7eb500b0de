/**
 * The Markdown grammar of a lesson: containers (`:::: step cap Allow two processes`) and fences marked `run`.
 * A markdown-it plugin, used by `parsePage` and by the site's build, so that there is one reading of a page.
 * Unlike other container plugins it refuses what it cannot close, instead of closing it silently.
 */
import { WorkbookError } from '@docker-internals/runtime/model'
import type MarkdownIt from 'markdown-it'
import { parseRunFence } from './run-fence.ts'

export const CONTAINERS = ['step', 'hint', 'why', 'solution', 'answer', 'predict', 'quiz', 'docker'] as const

/** What a caller may say about the text it has parsed, in VitePress's words: `realPath` is the file, `path` its place in the site. */
export interface PageEnv {
  path?: string
  realPath?: string
  /** Lines of front matter that were taken off before the parse. */
  lineOffset?: number
}

type BlockState = Parameters<Parameters<MarkdownIt['block']['ruler']['before']>[2]>[0]

export function workbookContainers(md: MarkdownIt): void {
  md.block.ruler.before('fence', 'workbook_container', container, {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  })
  md.core.ruler.after('block', 'workbook_fences', ({ tokens, env }) => {
    for (const token of tokens) {
      if (token.type === 'fence') {
        const run = parseRunFence(token.info, (found) => refuse(env, token.map![0], 'bad-fence', found))
        if (run) {
          token.meta = { ...token.meta, run }
          token.info = token.info.trim().split(/\s+/)[0]!
        }
      } else if (token.type === 'inline' && /^:{3,}/m.test(token.content)) {
        const line = token.map![0] + token.content.split('\n').findIndex((each) => each.startsWith(':::'))
        const text = token.content.split('\n').find((each) => each.startsWith(':::'))!
        refuse(env, line, 'stray-container', {
          expected: `one of ${CONTAINERS.join(', ')} after the colons, or a container for them to close`,
          found: `"${text}"`,
          remedy: 'An outer container needs more colons than the ones inside it.',
        })
      }
    }
  })
}

function container(state: BlockState, startLine: number, endLine: number, silent: boolean): boolean {
  const [, colons, kind, words] = /^(:{3,})\s*([a-z]+)(?:\s+(.*))?$/.exec(lineAt(state, startLine)) ?? []
  if (!colons || !CONTAINERS.includes(kind as (typeof CONTAINERS)[number])) return false
  if (silent) return true
  const closing = findClosing(state, startLine + 1, endLine, colons.length)
  if (closing === null)
    refuse(state.env, startLine, 'unclosed-container', {
      expected: `a line "${colons}" that closes "${colons} ${kind}"`,
      found: 'none before the end',
      remedy: 'Close it, or give an outer container more colons than the ones inside it.',
    })

  const open = state.push(`container_${kind}_open`, 'div', 1)
  open.markup = colons
  open.block = true
  open.info = `${kind} ${words ?? ''}`.trim()
  open.map = [startLine, closing]
  open.meta = { label: words?.trim() ?? '', ...(kind === 'step' ? stepWords(words ?? '') : {}) }

  const { parentType, lineMax } = state
  state.parentType = 'blockquote'
  state.lineMax = closing
  state.md.block.tokenize(state, startLine + 1, closing)
  state.parentType = parentType
  state.lineMax = lineMax
  state.line = closing + 1

  const close = state.push(`container_${kind}_close`, 'div', -1)
  close.markup = colons
  close.block = true
  return true
}

function stepWords(words: string): { id: string; title: string } {
  const [id = '', ...title] = words.trim().split(/\s+/)
  return { id, title: title.join(' ') }
}

/** The first line of at least as many colons and nothing else, outside of code fences. */
function findClosing(state: BlockState, from: number, end: number, colons: number): number | null {
  let fence = ''
  for (let line = from; line < end; line++) {
    const text = lineAt(state, line)
    const ticks = /^(`{3,}|~{3,})/.exec(text)?.[1]
    if (fence) {
      if (ticks?.startsWith(fence) && /^[`~]+\s*$/.test(text)) fence = ''
    } else if (ticks) fence = ticks
    else if (/^:{3,}\s*$/.test(text) && text.trim().length >= colons) return line
  }
  return null
}

function lineAt(state: BlockState, line: number): string {
  return state.src.slice(state.bMarks[line]! + state.tShift[line]!, state.eMarks[line])
}

/** @throws WorkbookError that names the file and the line, counted from 1 in the whole file. */
export function refuse(
  env: PageEnv,
  line: number,
  code: string,
  words: { expected: string; found: string; remedy: string },
): never {
  const place = `${env.realPath ?? env.path ?? 'the page'}:${line + 1 + (env.lineOffset ?? 0)}`
  throw new WorkbookError({ code, ...words, expected: `in ${place} ${words.expected}` })
}

/**
 * Walks a page's tokens once and writes down in `token.meta` what the renderer rules need to know of a
 * token's surroundings: the number of a step, the slot of a fold, the choices of a quiz.
 */
import type { MarkdownRenderer } from 'vitepress'

type CoreRule = Parameters<MarkdownRenderer['core']['ruler']['push']>[1]
type State = Parameters<CoreRule>[0]
export type Token = State['tokens'][number]

const FOLDS = new Set(['hint', 'why', 'solution'])

export interface Fold {
  readonly slot: string
  readonly kind: string
}

export function arrangeSteps(state: State): void {
  let steps = 0
  let step: { token: Token; folds: Fold[]; hasGoal: boolean } | null = null
  const folds: (string | null)[] = []

  for (const token of state.tokens) {
    const [, name, edge] = /^container_(\w+)_(open|close)$/.exec(token.type) ?? []
    if (name === 'step' && edge === 'open') {
      step = { token, folds: [], hasGoal: false }
      token.meta = { ...token.meta, number: ++steps, folds: step.folds }
    } else if (name === 'step') {
      step = null
    } else if (name && FOLDS.has(name) && edge === 'open') {
      const slot = step ? `fold-${step.folds.length}` : null
      if (slot) step?.folds.push({ slot, kind: name })
      folds.push(slot)
      token.meta = { ...token.meta, slot }
    } else if (name && FOLDS.has(name)) {
      token.meta = { ...token.meta, slot: folds.pop() ?? null }
    } else if (step && token.meta?.run) {
      token.meta = { ...token.meta, step: stepId(step.token) }
    } else if (step && !step.hasGoal && token.type === 'paragraph_open') {
      step.hasGoal = true
      token.attrJoin('class', 'goal')
    }
  }
  arrangeChoices(state)
}

/** The opening line is `:::: step <id> <Title words>`. */
export function stepId(open: Token): string {
  return open.meta?.id ?? open.info.trim().split(/\s+/)[1] ?? ''
}

export function stepTitle(open: Token): string {
  return open.meta?.title ?? open.info.trim().split(/\s+/).slice(2).join(' ')
}

/** Within `predict` and `quiz`: what stands before the task list is the question, each item a choice, the rest explains. */
function arrangeChoices(state: State): void {
  const out: Token[] = []
  let box: {
    open: Token
    right: number[]
    count: number
    phase: 'question' | 'list' | 'after'
    depth: number
  } | null = null

  const slot = (name: string | null) => {
    const token = new state.Token(name ? 'slot_open' : 'slot_close', '', name ? 1 : -1)
    token.meta = { name }
    out.push(token)
  }

  for (const token of state.tokens) {
    const opens = /^container_(predict|quiz)_open$/.test(token.type)
    if (opens) {
      box = { open: token, right: [], count: 0, phase: 'question', depth: 0 }
      out.push(token)
      slot('question')
    } else if (box && /^container_(predict|quiz)_close$/.test(token.type)) {
      slot(null)
      box.open.meta = { ...box.open.meta, right: box.right, count: box.count }
      out.push(token)
      box = null
    } else if (box?.phase === 'question' && token.type === 'bullet_list_open') {
      box.phase = 'list'
      slot(null)
    } else if (box?.phase === 'list' && token.type === 'bullet_list_close' && box.depth === 0) {
      box.phase = 'after'
      slot('explanation')
    } else if (box?.phase === 'list' && token.type === 'list_item_open' && box.depth++ === 0) {
      slot(`choice-${box.count++}`)
    } else if (box?.phase === 'list' && token.type === 'list_item_close' && --box.depth === 0) {
      slot(null)
    } else {
      if (box?.phase === 'list') tidyChoice(token, box)
      out.push(token)
    }
  }
  state.tokens = out
}

/** Takes the box `[x]` off a choice's text and remembers that it was ticked. */
function tidyChoice(token: Token, box: { right: number[]; count: number }): void {
  if (token.type.startsWith('paragraph')) token.hidden = true
  const first = token.type === 'inline' ? token.children?.[0] : undefined
  const ticked = first && /^\[([ xX])\]\s*/.exec(first.content)
  if (!first || !ticked) return
  if (ticked[1] !== ' ') box.right.push(box.count - 1)
  first.content = first.content.slice(ticked[0].length)
}

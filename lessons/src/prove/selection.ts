/** Which lessons to prove. */
import { execFileSync } from 'node:child_process'
import { dirname, relative } from 'node:path'
import { WorkbookError } from '@docker-internals/runtime/model'
import type { LoadedLesson } from '../catalogue.ts'

export interface Selection {
  /** Ids or folder names; empty for all. */
  readonly names: readonly string[]
  /** Only lessons whose files differ from the last commit. */
  readonly changed: boolean
  /** The i-th of n parts of the list, from 1. */
  readonly shard: { readonly part: number; readonly of: number } | null
}

/** @throws WorkbookError for a name that no lesson has. */
export function select(lessons: readonly LoadedLesson[], selection: Selection): LoadedLesson[] {
  const named =
    selection.names.length === 0 ? [...lessons] : selection.names.map((name) => find(lessons, name))
  const wanted = selection.changed ? named.filter(isChanged) : named
  const { shard } = selection
  return shard ? wanted.filter((_, at) => at % shard.of === shard.part - 1) : wanted
}

/** @throws WorkbookError unless it is like "1/3". */
export function parseShard(text: string): { part: number; of: number } {
  const [, part, of] = /^(\d{1,3})\/(\d{1,3})$/.exec(text)?.map(Number) ?? []
  if (part !== undefined && of !== undefined && part >= 1 && part <= of) return { part, of }
  throw new WorkbookError({
    code: 'bad-shard',
    expected: '--shard to be like 1/3',
    found: `"${text}"`,
    remedy: 'Give the part to prove, from 1, and how many parts there are.',
  })
}

function find(lessons: readonly LoadedLesson[], name: string): LoadedLesson {
  const plain = name.replace(/\/+$/, '').replace(/^.*\//, '')
  const found = lessons.find(({ page, dir }) => page.id === plain || dir.endsWith(`/${plain}`))
  if (found) return found
  throw new WorkbookError({
    code: 'unknown-lesson',
    expected: `one of the lessons ${lessons.map(({ page }) => page.id).join(', ')}`,
    found: `"${name}"`,
    remedy: 'Name one of them, or none for all.',
  })
}

function isChanged({ dir }: LoadedLesson): boolean {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: dirname(dir), encoding: 'utf8' })
  return git('status', '--porcelain', '--', relative(dirname(dir), dir)).trim() !== ''
}

/** All lessons: each page with the checks beside it, refused when the two do not agree. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import {
  type CgroupVersion,
  type Lesson,
  type LessonPage,
  type Recording,
  WorkbookError,
} from '@docker-internals/runtime/model'
import { parsePage } from './page.ts'

export interface LoadedLesson {
  readonly page: LessonPage
  readonly lesson: Lesson
  /** The lesson's folder. */
  readonly dir: string
  /** Null when the proof has not recorded this version. */
  recording(version: CgroupVersion): Promise<Recording | null>
}

const FOLDER = join(import.meta.dirname, '..')
const NEAR_MISSES = 2

/**
 * In the order of the parts and of the lessons in them.
 * @throws WorkbookError with file and line for the first lesson that is not whole.
 */
export async function loadLessons(folder = FOLDER): Promise<LoadedLesson[]> {
  const lessons: LoadedLesson[] = []
  for (const part of await foldersLike(folder, /^\d-/))
    for (const name of await foldersLike(join(folder, part), /^\d\d-/))
      lessons.push(await loadLesson(join(folder, part, name)))
  const ids = lessons.map(({ page }) => page.id)
  const twice = ids.find((id, at) => ids.indexOf(id) !== at)
  if (twice)
    throw new WorkbookError({
      code: 'duplicate-lesson',
      expected: 'every lesson to have a name of its own',
      found: `"${twice}" twice`,
      remedy: 'Rename one of the folders.',
    })
  return lessons
}

export async function loadLesson(dir: string): Promise<LoadedLesson> {
  const file = join(dir, 'index.md')
  const page = parsePage(await readFile(file, 'utf8'), file)
  const checks = join(dir, 'lesson.ts')
  const { default: lesson } = (await import(pathToFileURL(checks).href)) as { default: Lesson }
  for (const { id, line } of page.steps)
    if (!lesson.steps[id])
      refuse('step-without-check', `${file}:${line} step "${id}" to have a check in lesson.ts`, 'none')
  for (const [id, step] of Object.entries(lesson.steps)) {
    if (!page.steps.some((each) => each.id === id))
      refuse('check-without-step', `${checks} to have checks for steps of the page only`, `one for "${id}"`)
    if (step.wrong.length < NEAR_MISSES)
      refuse(
        'near-misses',
        `${checks} to have at least ${NEAR_MISSES} near misses for "${id}"`,
        String(step.wrong.length),
      )
    const unknown = step.after?.find((other) => !lesson.steps[other])
    if (unknown)
      refuse('unknown-step', `${checks}: "after" of "${id}" to name steps of this lesson`, `"${unknown}"`)
  }
  return {
    page,
    lesson,
    dir,
    async recording(version) {
      const recorded = join(dir, 'recorded', `${version}.json`)
      return existsSync(recorded) ? (JSON.parse(await readFile(recorded, 'utf8')) as Recording) : null
    },
  }
}

async function foldersLike(folder: string, pattern: RegExp): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .flatMap((entry) => (entry.isDirectory() && pattern.test(entry.name) ? [entry.name] : []))
    .sort()
}

function refuse(code: string, expected: string, found: string): never {
  throw new WorkbookError({ code, expected, found, remedy: 'Page and lesson.ts must agree.' })
}

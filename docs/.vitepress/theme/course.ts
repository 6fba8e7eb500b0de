/** The course as the theme shows it: three parts, and of each the lessons that exist. */
import catalogue, { type CatalogueLesson } from 'virtual:catalogue'

export type { CatalogueLesson, CatalogueStep } from 'virtual:catalogue'

export interface Part {
  readonly number: number
  readonly title: string
  readonly promise: string
  readonly lessons: readonly CatalogueLesson[]
}

const titles = [
  ['Control groups and namespaces', 'What a process may use, and what it gets to see.'],
  ['Layers and storage', 'Where an image lies on disk, and what a write to it does.'],
  ['Containers by hand', 'Everything put together, without Docker, by you.'],
] as const

const inOrder = [...catalogue].sort((a, b) => a.part.localeCompare(b.part) || a.number - b.number)

export const course: readonly Part[] = titles.map(([title, promise], index) => ({
  number: index + 1,
  title,
  promise,
  lessons: inOrder.filter((lesson) => lesson.part.startsWith(`${index + 1}-`)),
}))

export const lessons: readonly CatalogueLesson[] = inOrder

/** The lesson whose page this is; `relativePath` as VitePress has it, "1-…/05-pids-max/index.md". */
export function lessonAt(relativePath: string): CatalogueLesson | undefined {
  const path = `/${relativePath.replace(/(index)?\.md$/, '')}`
  return lessons.find((lesson) => lesson.path === path)
}

export function partOf(lesson: CatalogueLesson): Part {
  return course.find((part) => part.lessons.includes(lesson)) ?? course[0]!
}

/** `--watch`: proves a lesson again whenever one of its files is saved. */
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import type { LoadedLesson } from '../catalogue.ts'

/** Editors write a file in several steps (ms). */
const SETTLE_MS = 300

/** Each proof is a process of its own, so that it reads the lesson anew. @returns when it is interrupted. */
export function watchLessons(lessons: readonly LoadedLesson[], options: readonly string[]): Promise<number> {
  const waiting = new Map<string, NodeJS.Timeout>()
  let queue = Promise.resolve()
  const proveAgain = ({ page }: LoadedLesson) => {
    clearTimeout(waiting.get(page.id))
    const start = () => {
      queue = queue.then(() => run(page.id, options))
    }
    waiting.set(page.id, setTimeout(start, SETTLE_MS))
  }
  const watchers = lessons.map((lesson) =>
    watch(lesson.dir, { recursive: true }, (_, file) => {
      if (!file?.startsWith('recorded')) proveAgain(lesson)
    }),
  )
  process.stderr.write(`Watching ${lessons.length} lessons. Ctrl-C ends it.\n`)
  return new Promise((resolve) => {
    process.once('SIGINT', () => {
      for (const each of watchers) each.close()
      for (const timer of waiting.values()) clearTimeout(timer)
      void queue.then(() => resolve(0))
    })
  })
}

function run(lesson: string, options: readonly string[]): Promise<void> {
  const script =
    "import { main } from './main.ts'; process.exitCode = await main(process.argv.slice(1)).catch((error) => { console.error(error.message); return 1 })"
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', lesson, ...options], {
    cwd: import.meta.dirname,
    stdio: 'inherit',
  })
  return new Promise((resolve) => child.on('close', () => resolve()))
}

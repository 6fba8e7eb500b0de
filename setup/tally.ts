/** Runs the steps of `npm test` one after the other and counts what they count. */
import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { inWords, type Report } from '../lessons/src/prove/main.ts'
import { WorkbookError } from '../runtime/src/model/index.ts'
import { ROOT } from './site.ts'

export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export class Steps {
  #passed = 0
  #failed = 0
  #skipped = 0
  readonly #started = Date.now()

  /** A step that throws counts as one failure, and the next one runs all the same. */
  async run(name: string, step: () => Promise<Tally> | Tally): Promise<boolean> {
    console.log(`\n== ${name}`)
    const started = Date.now()
    let tally: Tally
    try {
      tally = await step()
    } catch (error) {
      console.log(error instanceof WorkbookError ? error.message : error)
      tally = { passed: 0, failed: 1, skipped: 0 }
    }
    this.#passed += tally.passed
    this.#failed += tally.failed
    this.#skipped += tally.skipped
    const seconds = ((Date.now() - started) / 1000).toFixed(1)
    console.log(
      `-- ${name}: ${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped in ${seconds} s`,
    )
    return tally.failed === 0
  }

  skip(name: string, reason: string): void {
    console.log(`\n== ${name}\n-- skipped: ${reason}`)
    this.#skipped += 1
  }

  /** Prints the closing line and gives the exit code. */
  end(): number {
    console.log(`\nin ${((Date.now() - this.#started) / 60_000).toFixed(1)} minutes`)
    console.log(
      `${this.#passed} passed, ${this.#failed} failed${this.#skipped ? `, ${this.#skipped} skipped` : ''}`,
    )
    return this.#failed === 0 && this.#passed > 0 ? 0 : 1
  }
}

/** Runs a command with its output shown; gives its exit code. */
export function shown(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}

/** A command that passes or fails as a whole. */
export async function gate(command: string, args: readonly string[]): Promise<Tally> {
  const passed = (await shown(command, args)) === 0
  return { passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 }
}

/** One project of vitest.config.ts, counted test by test. */
export async function vitest(project: string): Promise<Tally> {
  const report = join(ROOT, '.cache', `vitest-${project}.json`)
  rmSync(report, { force: true })
  const code = await shown(process.execPath, [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ])
  const counted = JSON.parse(readFileSync(report, 'utf8'))
  for (const file of counted.testResults)
    for (const test of file.assertionResults)
      if (test.status === 'pending' || test.status === 'skipped') console.log(`skipped: ${test.fullName}`)
  const failed: number = counted.numFailedTests
  // A file that does not even load has no failed test of its own, yet vitest says it failed.
  return {
    passed: counted.numPassedTests,
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: counted.numPendingTests + (counted.numTodoTests ?? 0),
  }
}

/** The proof counts its own steps; what is not proven is shown. */
export function countProof(report: Report): Tally {
  const { lessons, failed, skipped } = report
  const proven = lessons.flatMap((lesson) => lesson.steps).filter((step) => step.proven).length
  if (failed > 0) console.log(inWords(report))
  for (const { id, reason } of skipped) console.log(`skipped: ${id}: ${reason}`)
  return { passed: proven, failed, skipped: skipped.length }
}

/** A container of the image, as its user starts it: the page in a browser, a lesson done there, lessons proven inside. */
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type DockerPeer, startDocker } from '../../bench/docker-peer.ts'
import { launchBrowser } from '../../e2e/browser.ts'
import { Learner } from '../../e2e/learner.ts'
import { loadLessons } from '../../lessons/src/index.ts'
import { detectCgroups } from '../../runtime/src/index.ts'
import { WorkbookError } from '../../runtime/src/model/index.ts'
import { countProof, type Tally } from '../tally.ts'
import { buildImage, IMAGE } from './image.ts'

const NAME = 'docker-internals-trial'
const LESSON = 'make-a-group'
const START_MS = 180_000
const PATIENCE_MS = 30_000
const run = promisify(execFile)

/** Builds the image and tries it in an engine of its own, so that neither images nor networks stay on this machine. */
export async function wholeContainer(
  progress: (words: string) => void,
  lessons: readonly string[] = [],
): Promise<Tally> {
  const engine = await startDocker({ network: true })
  try {
    await buildImage(engine, progress)
    return await tryImage(engine, lessons)
  } finally {
    await engine.end()
  }
}

async function tryImage(engine: DockerPeer, lessons: readonly string[]): Promise<Tally> {
  const docker = async (...args: string[]) => {
    const [program, ...rest] = [...engine.docker, ...args]
    return run(program!, rest, { maxBuffer: 64 * 1024 * 1024 })
  }
  const options = ['--detach', '--name', NAME, '--privileged', '--publish', '127.0.0.1:8080:8080']
  await docker('run', ...options, IMAGE)
  try {
    await doLesson(await address(docker), engine.pid)
    // What a learner has is there after a restart of the container.
    await docker('restart', NAME)
    await address(docker)
    const prove = ['node', 'setup/enter.mjs', 'prove', ...(lessons.length ? lessons : [LESSON]), '--json']
    // On version 1 the workbook has a cgroup namespace of its own, which `docker exec` does not enter.
    const { stdout } = await docker('exec', NAME, 'nsenter', '--target', '1', '--cgroup', '--', ...prove)
    const { passed, failed, skipped } = countProof(JSON.parse(stdout))
    return { passed: passed + 1, failed, skipped }
  } finally {
    await docker('rm', '--force', '--volumes', NAME)
  }
}

/** @returns the address the server says last. @throws WorkbookError with the container's last words. */
async function address(docker: (...args: string[]) => Promise<{ stdout: string; stderr: string }>) {
  const deadline = Date.now() + START_MS
  for (;;) {
    const { stdout, stderr } = await docker('logs', NAME)
    const { stdout: state } = await docker(
      'inspect',
      '--format',
      '{{.State.Running}} {{.RestartCount}}',
      NAME,
    )
    const url = [...stdout.matchAll(/Workbook ready: (\S+)/g)].at(-1)?.[1]
    if (url && state.startsWith('true')) return url
    if (!state.startsWith('true') || Date.now() > deadline)
      throw new WorkbookError({
        code: 'container-failed',
        expected: 'the container to say the address of the page',
        found: `${stdout}${stderr}`.trim().split('\n').slice(-3).join(' '),
        remedy: `Try docker run --privileged … ${IMAGE} by hand.`,
      })
    await sleep(500)
  }
}

/** The published port is in the engine's network namespace, and so is the browser. */
async function doLesson(url: string, enginePid: number): Promise<void> {
  const directory = mkdtempSync('/var/tmp/docker-internals-browser-')
  const wrapper = join(directory, 'chromium')
  writeFileSync(wrapper, `#!/bin/sh\nexec nsenter --net=/proc/${enginePid}/ns/net /usr/bin/chromium "$@"\n`)
  chmodSync(wrapper, 0o755)
  const browser = await launchBrowser(wrapper)
  try {
    const lesson = (await loadLessons()).find(({ page }) => page.id === LESSON)!
    const page = await browser.newPage()
    await page.goto(url)
    await page.goto(new URL(lesson.page.path, url).href, { waitUntil: 'networkidle' })
    const { version } = await detectCgroups()
    await new Learner(page, { version, patience: PATIENCE_MS }).doLesson(lesson)
  } finally {
    await browser.close()
    rmSync(directory, { recursive: true })
  }
}

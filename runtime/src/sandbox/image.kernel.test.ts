import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { idRange } from './id-range.ts'
import { ensureImage } from './image.ts'
import { type Recipe, recipeId, SANDBOX_RECIPE } from './recipe.ts'

/** A few packages, unpacked only: some seconds instead of a minute. */
const TINY: Recipe = {
  ...SANDBOX_RECIPE,
  variant: 'extract',
  packages: ['iputils-ping', 'sudo'],
  engineImages: false,
}

let cache: string
let id: string
beforeAll(async () => {
  cache = await mkdtemp('/var/tmp/docker-internals-image-')
  id = await recipeId(TINY)
})
afterAll(() => rm(cache, { recursive: true }))

const names = async (): Promise<string[]> =>
  (await readdir(join(cache, 'images'))).filter((name) => name !== 'lock')

test('a half-built image is found and rebuilt, once for two who want it', async () => {
  const code = `import { ensureImage } from ${JSON.stringify(join(import.meta.dirname, 'image.ts'))}
    await ensureImage(${JSON.stringify({ cache, recipe: TINY })})`
  const builder = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: 'ignore' })
  while (!(await names().catch((): string[] => [])).includes(`building-${id}`)) await sleep(20)
  await sleep(300)
  builder.kill('SIGKILL')
  expect(await names()).toEqual([`building-${id}`])

  const builds: string[] = []
  const onProgress = (words: string) => builds.push(words)
  const wanted = { cache, recipe: TINY, onProgress }
  const [one, other] = await Promise.all([ensureImage(wanted), ensureImage(wanted)])
  expect(one).toEqual(other)
  expect(builds.filter((words) => words.includes('unpacking'))).toHaveLength(1)
  expect(await names()).toEqual([id])
  const sudo = await stat(join(one.root, 'usr/bin/sudo'))
  expect({ uid: sudo.uid, mode: sudo.mode & 0o7777 }).toEqual({ uid: idRange().base, mode: 0o4755 })
})

test('a whole image is used as it is; one without its seal is not', async () => {
  const builds: string[] = []
  const onProgress = (words: string) => builds.push(words)
  await ensureImage({ cache, recipe: TINY, onProgress })
  expect(builds).toEqual([])
  await rm(join(cache, 'images', id, 'recipe.json'))
  await ensureImage({ cache, recipe: TINY, onProgress })
  expect(builds.length).toBeGreaterThan(0)
})

test('a changed recipe is another image', async () => {
  expect(await recipeId({ ...TINY, packages: ['sudo'] })).not.toBe(id)
  expect(await recipeId({ ...TINY })).toBe(id)
})

test('a build that fails says why and leaves nothing', async () => {
  const recipe = { ...TINY, packages: ['no-such-package-anywhere'] }
  await expect(ensureImage({ cache, recipe })).rejects.toThrow(/Expected mmdebstrap to succeed, found/)
  expect(await names()).toEqual([id])
})

/**
 * `npm run container`: the workbook's container image, its base made of Debian's packages on this machine instead of
 * pulled, and, with `try`, a container of it: the page, a sandbox, a lesson proven inside.
 */
import { parseArgs } from 'node:util'
import { machineDocker } from '../bench/docker-peer.ts'
import { WorkbookError } from '../runtime/src/model/index.ts'
import { buildImage, IMAGE } from './container/image.ts'
import { wholeContainer } from './container/trial.ts'
import { ensurePackages, TO_BUILD_CONTAINER, TO_TEST, toServe } from './debian-packages.ts'
import { ensureSite } from './site.ts'
import { Steps } from './tally.ts'
import { progressLines, requireLinuxRoot, runTask } from './task.ts'

await runTask(async () => {
  const { positionals } = parseArgs({ allowPositionals: true })
  const [verb, ...lessons] = positionals
  if (verb !== undefined && verb !== 'try')
    throw new WorkbookError({
      code: 'bad-option',
      expected: 'container [try [<lesson>…]]',
      found: `"${verb}"`,
      remedy: 'Without a word the image is built and kept.',
    })
  requireLinuxRoot('build the container image')
  const progress = progressLines()
  await ensurePackages([...(await toServe()), ...TO_BUILD_CONTAINER, ...TO_TEST], progress)
  await ensureSite(progress)
  if (verb === undefined) {
    await buildImage(machineDocker(), progress)
    console.log(`docker run --rm --privileged -p 127.0.0.1:8080:8080 ${IMAGE}`)
    return
  }
  const steps = new Steps()
  await steps.run('the workbook in a container', () => wholeContainer(progress, lessons))
  process.exitCode = steps.end()
})

/** "Start here": types the commands of a lesson's earlier steps where the learner can see them. */
import { shellPidOf, Typist } from '@docker-internals/runtime'
import type { PageStep } from '@docker-internals/runtime/model'
import type { RunningSandbox } from './running-sandbox.ts'

/**
 * @param onCommand told before the first command and after each one.
 * @throws WorkbookError when a command does not come to an end.
 */
export async function prepareSteps(
  { sandbox, link, observer }: RunningSandbox,
  steps: readonly PageStep[],
  onCommand: (done: number, total: number) => void,
): Promise<void> {
  const blocks = steps
    .flatMap(({ commands }) => commands)
    .filter(({ version }) => version === null || version === sandbox.version)
  const typist = new Typist({ link, shellPid: shellPidOf(observer, link) })
  onCommand(0, blocks.length)
  try {
    for (const [at, block] of blocks.entries()) {
      await typist.type(block)
      onCommand(at + 1, blocks.length)
    }
  } finally {
    typist.stop()
  }
}

/** `npm run vm`: the lab in a virtual machine made here, tried from outside, proven inside, and gone. */
import { parseArgs } from 'node:util'
import { type CgroupVersion, WorkbookError } from '../runtime/src/model/index.ts'
import { ensurePackages, TO_RUN_VM, TO_TEST, toServe } from './debian-packages.ts'
import { ensureSite } from './site.ts'
import { Steps } from './tally.ts'
import { progressLines, requireLinuxRoot, runTask } from './task.ts'
import { Lab } from './vm/lab.ts'
import { wholeLab } from './vm/whole-lab.ts'

const VERBS = ['up', 'prove', 'try', 'destroy'] as const
const DEFAULT_PORT = 8080

await runTask(async () => {
  const { verb, version, port, bare, lessons } = parse()
  requireLinuxRoot('run the lab in a virtual machine')
  const progress = progressLines()
  await ensurePackages([...(await toServe()), ...TO_RUN_VM, ...TO_TEST], progress)
  await ensureSite(progress)
  if (verb === 'destroy') {
    const lab = await Lab.open({ version, port, bare, progress })
    return lab.destroy()
  }
  const steps = new Steps()
  await wholeLab(steps, { version, port, bare, lessons, progress, ...(verb ? { only: verb } : {}) })
  process.exitCode = steps.end()
})

function parse() {
  const bad = (found: string) =>
    new WorkbookError({
      code: 'bad-option',
      expected: `vm [${VERBS.join('|')}] [<lesson>…] [--cgroup v1|v2] [--port <number>] [--bare]`,
      found,
      remedy: 'Without a word it is all of them, and the machine is gone afterwards.',
    })
  const options = { cgroup: { type: 'string' }, port: { type: 'string' }, bare: { type: 'boolean' } } as const
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const [first, ...rest] = positionals
    const verb = VERBS.find((each) => each === first) ?? null
    if (first !== undefined && verb === null) throw bad(`"${first}"`)
    if (rest.length > 0 && verb !== 'prove') throw bad(`"${rest[0]}"`)
    const version = values.cgroup ?? 'v2'
    if (version !== 'v1' && version !== 'v2') throw bad(`--cgroup "${version}"`)
    const port = Number(values.port ?? DEFAULT_PORT)
    if (!Number.isInteger(port) || port < 1024 || port > 65_535) throw bad(`--port "${values.port}"`)
    return { verb, version: version as CgroupVersion, port, bare: values.bare ?? false, lessons: rest }
  } catch (error) {
    throw error instanceof WorkbookError ? error : bad((error as Error).message.split('.')[0]!)
  }
}

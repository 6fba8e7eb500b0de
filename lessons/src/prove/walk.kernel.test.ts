/** The prover itself: a lesson that is not true must not be proven, and the reason must be the right one. */
import { mkdtemp, rm } from 'node:fs/promises'
import { cgroup, detectCgroups, SandboxHost } from '@docker-internals/runtime'
import type { LessonStep, NearMiss } from '@docker-internals/runtime/model'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LoadedLesson } from '../catalogue.ts'
import { parsePage } from '../page.ts'
import { prove } from './prove.ts'

let host: SandboxHost
let data: string
beforeAll(async () => {
  data = await mkdtemp('/var/tmp/docker-internals-test-')
  host = await SandboxHost.open({ data, cgroupParent: `/docker-internals-test-${process.pid}` })
})
afterAll(async () => {
  await host.destroyAll()
  await host.close()
  await rm(data, { recursive: true })
})

const { version } = await detectCgroups()
const group = cgroup('demo', { controller: 'pids' })
const DEMO = version === 'v1' ? '/sys/fs/cgroup/pids/demo' : '/sys/fs/cgroup/demo'
const LIMIT = 'pids.max of /demo to be 5'

const twenty: NearMiss = {
  run: `mkdir ${DEMO}; echo 20 > ${DEMO}/pids.max`,
  because: `${LIMIT}, it is 20`,
  undo: `rmdir ${DEMO}`,
}
const none: NearMiss = {
  run: `mkdir ${DEMO}`,
  because: `${LIMIT}, it is max`,
  undo: `rmdir ${DEMO}`,
}
const truth = { check: group.file('pids.max').is(5), wrong: [twenty, none] }

function lesson(
  step: Partial<LessonStep>,
  commands = `mkdir ${DEMO}; echo 5 > ${DEMO}/pids.max`,
): LoadedLesson {
  const markdown = `---
title: A demonstration
lead: One step.
minutes: 1
---

:::: step limit Allow five
Five and no more.

\`\`\`sh run
${commands}
\`\`\`
::::
`
  return {
    page: parsePage(markdown, '/x/1-part/01-demonstration/index.md'),
    lesson: { steps: { limit: { ...truth, ...step } } },
    dir: data,
    recording: async () => null,
  }
}

async function reason(wanted: LoadedLesson): Promise<string | null> {
  const [proven] = await prove({
    ...{ host, version, lessons: [wanted], record: false },
    onProgress: () => {},
    signal: new AbortController().signal,
  })
  return proven!.steps[0]!.reason
}

it('proves a lesson that is true', async () => {
  const alternatives = [{ run: `mkdir -p ${DEMO} && printf 5 > ${DEMO}/pids.max` }]
  expect(await reason(lesson({ alternatives }))).toBeNull()
})

const FALSE: [string, LoadedLesson, RegExp][] = [
  [
    'commands that do not do it',
    lesson({}, `mkdir ${DEMO}`),
    /its commands do not make it pass: expected .* to be 5, it is max/,
  ],
  [
    'a check that passes before',
    lesson({ check: cgroup('/', { controller: 'pids' }).exists() }),
    /passes before anything was done: there is a group \//,
  ],
  [
    'a near miss that is right',
    lesson({ wrong: [{ ...twenty, run: `mkdir ${DEMO}; echo 5 > ${DEMO}/pids.max` }, none] }),
    /near miss 1 is accepted: pids.max of \/demo is 5/,
  ],
  [
    'a near miss that is refused for another reason',
    lesson({ wrong: [twenty, { ...none, because: `${LIMIT}, it is 7` }] }),
    /near miss 2 is refused with "pids.max of \/demo to be 5, it is max" and not with ".* it is 7"/,
  ],
  [
    'a near miss that changes nothing',
    lesson({ wrong: [{ run: 'true', because: /there is no group/.source, undo: 'true' }, none] }),
    /near miss 1 is refused with/,
  ],
  [
    'a near miss that changes nothing and says the right words',
    lesson({
      wrong: [
        {
          run: 'true',
          because: `${LIMIT}, there is no group /demo${version === 'v1' ? ' in the pids hierarchy' : ''}`,
        },
        none,
      ],
    }),
    /near miss 1 changes nothing that could be observed/,
  ],
  [
    'an undo that does not',
    lesson({ wrong: [{ ...twenty, undo: 'true' }, none] }),
    /after the undo of near miss 1 the check says ".* it is 20" and not ".* there is no group/,
  ],
  [
    'an alternative that is none',
    lesson({ alternatives: [{ run: `mkdir ${DEMO}` }] }),
    /alternative 1 is refused: expected .* it is max/,
  ],
]
it.each(FALSE)('does not prove %s', async (_, wanted, words) => {
  expect(await reason(wanted)).toMatch(words)
})

it('starts from a fresh sandbox when a near miss spoils the state', async () => {
  expect(await reason(lesson({ wrong: [{ ...twenty, undo: 'fresh' }, none] }))).toBeNull()
})

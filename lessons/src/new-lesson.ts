/** `npm run new-lesson`: the next folder of a part, with a small lesson in it that is already true. */
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { WorkbookError } from '@docker-internals/runtime/model'

const LESSONS = join(import.meta.dirname, '..')
const USAGE = 'npm run new-lesson -- <part> <name>, for example 1-cgroups-and-namespaces memory-limit'

/**
 * @param argv the part's folder and the lesson's id.
 * @throws WorkbookError for a part that is not there, or a name that is taken or no id.
 */
export async function main(argv: readonly string[], lessons = LESSONS): Promise<void> {
  const dir = await newLesson(argv, lessons)
  console.log(nextSteps(relative(process.cwd(), dir), argv[1]!))
}

function nextSteps(dir: string, id: string): string {
  return `${dir}/index.md    the page
${dir}/lesson.ts   how the kernel shows each step
Both are true as they stand; replace what is in them.
npm run prove -- ${id}            proves it
npm run prove -- ${id} --watch    proves it again whenever you save
npm run prove -- ${id} --record   records it for the site without a server`
}

/** @returns the folder. */
export async function newLesson(argv: readonly string[], lessons: string): Promise<string> {
  const [part, id, ...more] = argv
  if (!part || !id || more.length > 0)
    refuse(USAGE, argv.length === 0 ? 'nothing' : argv.join(' '), 'Give both.')
  const parts = (await readdir(lessons)).filter((name) => /^\d-/.test(name))
  if (!parts.includes(part))
    refuse(
      `one of the parts ${parts.join(', ')}`,
      `"${part}"`,
      'Name one of them; a new part is a new folder in lessons/.',
    )
  if (!/^[a-z][a-z0-9-]{0,39}[a-z0-9]$/.test(id))
    refuse(
      'a name of 2 to 41 small letters, digits and hyphens, the first a letter, the last no hyphen',
      `"${id}"`,
      'Choose one like memory-limit: it becomes the address of the page.',
    )
  const everywhere = await Promise.all(parts.map((name) => readdir(join(lessons, name))))
  const taken = everywhere.flat().find((name) => name.slice(3) === id)
  if (taken) refuse('a name that no lesson has', `"${id}", which is ${taken}`, 'Choose another.')
  const numbers = (await readdir(join(lessons, part))).map((name) => Number(/^(\d\d)-/.exec(name)?.[1] ?? 0))
  const number = String(Math.max(0, ...numbers) + 1).padStart(2, '0')
  const dir = join(lessons, part, `${number}-${id}`)
  if (existsSync(dir)) refuse('a new folder', dir, 'Choose another name.')
  await mkdir(dir)
  await writeFile(join(dir, 'index.md'), PAGE)
  await writeFile(join(dir, 'lesson.ts'), LESSON)
  return dir
}

function refuse(expected: string, found: string, remedy: string): never {
  throw new WorkbookError({ code: 'new-lesson', expected, found, remedy })
}

const PAGE = `---
title: A new lesson
lead: One sentence that says what the learner will see happen.
minutes: 5
---

What this is about, in a few sentences, before anything is typed.

::: predict
What will the next command do?

- [ ] Something plausible
- [x] What really happens
- [ ] Something else

Why, in a sentence or two.
:::

:::: step limit Set a limit
Make a group \`demo\` that may hold at most five tasks.

\`\`\`sh run v1
mkdir /sys/fs/cgroup/pids/demo
\`\`\`
\`\`\`sh run v2
mkdir /sys/fs/cgroup/demo
\`\`\`
\`\`\`sh run v1
echo 5 > /sys/fs/cgroup/pids/demo/pids.max
\`\`\`
\`\`\`sh run v2
echo 5 > /sys/fs/cgroup/demo/pids.max
\`\`\`

::: hint
A group is a directory; its limits are files in it.
:::

::: why
The reason, once it has been seen.
:::
::::

::: docker
What Docker does with it.
:::
`

const LESSON = `import { cgroup, type Lesson } from '@docker-internals/runtime'

const demo = cgroup('demo', { controller: 'pids' })

const V1 = '/sys/fs/cgroup/pids'
const V2 = '/sys/fs/cgroup'

export default {
  steps: {
    limit: {
      check: demo.file('pids.max').is(5),
      wrong: [
        {
          // Ten times too many.
          run: {
            v1: \`mkdir \${V1}/demo; echo 50 > \${V1}/demo/pids.max\`,
            v2: \`mkdir \${V2}/demo; echo 50 > \${V2}/demo/pids.max\`,
          },
          because: 'pids.max of /demo to be 5, it is 50',
          undo: { v1: \`rmdir \${V1}/demo\`, v2: \`rmdir \${V2}/demo\` },
        },
        {
          // The group without the limit.
          run: { v1: \`mkdir \${V1}/demo\`, v2: \`mkdir \${V2}/demo\` },
          because: 'pids.max of /demo to be 5, it is max',
          undo: { v1: \`rmdir \${V1}/demo\`, v2: \`rmdir \${V2}/demo\` },
        },
      ],
      alternatives: [{ run: 'cgcreate -g pids:demo; cgset -r pids.max=5 demo' }],
    },
  },
} satisfies Lesson
`

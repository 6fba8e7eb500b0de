/**
 * The only parser of lesson pages. The site's build, the prover and "start here" all read a page through it,
 * so what is shown, what is proven and what is typed are the same commands.
 */
import {
  type CommandBlock,
  type LessonPage,
  type PageStep,
  WorkbookError,
} from '@docker-internals/runtime/model'
import MarkdownIt from 'markdown-it'
import { parse as parseYaml } from 'yaml'
import { type PageEnv, refuse, workbookContainers } from './containers.ts'
import type { RunFence } from './run-fence.ts'

export { workbookContainers } from './containers.ts'

const markdown = new MarkdownIt({ html: true })
workbookContainers(markdown)

interface StepInProgress extends PageStep {
  readonly commands: CommandBlock[]
  asks: boolean
}

/**
 * @param file The page's path; its last two folders are the part and the lesson.
 * @throws WorkbookError with file and line.
 */
export function parsePage(text: string, file: string): LessonPage {
  const { fields, body, lineOffset } = frontMatter(text, file)
  const env: PageEnv = { path: file, lineOffset }
  const steps: StepInProgress[] = []
  let step: StepInProgress | null = null

  for (const token of markdown.parse(body, env)) {
    const line = token.map?.[0] ?? 0
    if (token.type === 'container_step_open') {
      if (step)
        refuse(env, line, 'nested-step', needs('a step outside of other steps', `one inside "${step.id}"`))
      const { id, title } = token.meta as { id: string; title: string }
      if (!/^[a-z][a-z0-9-]{0,62}$/.test(id))
        refuse(env, line, 'bad-step-id', needs('a step id of small letters, digits and dashes', `"${id}"`))
      if (!title) refuse(env, line, 'no-step-title', needs(`a title after the id "${id}"`, 'none'))
      if (steps.some((other) => other.id === id))
        refuse(env, line, 'duplicate-step', needs('a step id of its own', `"${id}" a second time`))
      step = { id, title, line: line + 1 + lineOffset, commands: [], asks: false }
    } else if (token.type === 'container_step_close' && step) {
      if (step.commands.length === 0 && !step.asks)
        refuse(
          env,
          step.line - 1 - lineOffset,
          'empty-step',
          needs(`a run fence or an answer in "${step.id}"`, 'neither'),
        )
      steps.push(step)
      step = null
    } else if (token.type === 'container_answer_open') {
      if (!step) refuse(env, line, 'stray-answer', needs('an answer inside a step', 'one outside'))
      step.asks = true
    } else if (token.type === 'fence' && token.meta?.run) {
      if (!step) refuse(env, line, 'stray-command', needs('a run fence inside a step', 'one outside'))
      const { version, terminal, stays, key } = token.meta.run as RunFence
      const code = token.content.replace(/\n$/, '')
      step.commands.push({ code, version, terminal, stays, key, line: line + 1 + lineOffset })
    }
  }
  for (const { id, commands, line } of steps) bothVersions(id, commands, line - 1 - lineOffset, env)
  return { ...fields, ...place(file), steps: steps.map(({ asks: _, ...rest }) => rest) }
}

/** A step that has a command for one version only cannot be done on the other. */
function bothVersions(id: string, commands: readonly CommandBlock[], line: number, env: PageEnv): void {
  const has = (version: 'v1' | 'v2') => commands.some((command) => command.version === version)
  if (has('v1') === has('v2')) return
  const [there, absent] = has('v1') ? ['v1', 'v2'] : ['v2', 'v1']
  refuse(
    env,
    line,
    'one-version',
    needs(`a command for ${absent} in "${id}" beside the one for ${there}`, 'none'),
  )
}

function needs(expected: string, found: string) {
  return { expected, found, remedy: 'Mend the page.' }
}

function frontMatter(text: string, file: string) {
  const match = /^---\n([\s\S]*?)\n---\n/.exec(text)
  const env = { path: file }
  if (!match) refuse(env, 0, 'no-front-matter', needs('front matter with title, lead and minutes', 'none'))
  const { title, lead, minutes } = (parseYaml(match[1]!) ?? {}) as Record<string, unknown>
  if (typeof title !== 'string') refuse(env, 0, 'no-title', needs('a title in the front matter', 'none'))
  if (typeof lead !== 'string') refuse(env, 0, 'no-lead', needs('a lead in the front matter', 'none'))
  if (typeof minutes !== 'number') refuse(env, 0, 'no-minutes', needs('minutes in the front matter', 'none'))
  return {
    fields: { title, minutes },
    body: text.slice(match[0].length),
    lineOffset: match[0].split('\n').length - 1,
  }
}

/** Part, number, id and path, from ".../1-cgroups-and-namespaces/05-pids-max/index.md". */
function place(file: string) {
  const [, part, number, id] = /([^/]+)\/(\d\d)-([a-z0-9-]+)\/index\.md$/.exec(file) ?? []
  if (!part || !number || !id)
    throw new WorkbookError({
      code: 'bad-lesson-folder',
      expected: 'a page at <part>/<two digits>-<name>/index.md',
      found: file,
      remedy: 'Rename the folder.',
    })
  return { id, part, number: Number(number), path: `/${part}/${number}-${id}/` }
}

import { WorkbookError } from '@docker-internals/runtime/model'
import { describe, expect, it } from 'vitest'
import { parsePage } from './page.ts'

const FILE = '/lessons/1-part/05-some-lesson/index.md'
const HEAD = '---\ntitle: A title\nlead: A lead.\nminutes: 7\n---\n\n'
const RUN = '```sh run\ntrue\n```\n'
const parse = (body: string, head = HEAD) => parsePage(head + body, FILE)

describe('a page', () => {
  const page = parse(`Words.

::: predict
What happens?

- [x] this
- [ ] that

Because.
:::

:::: step first A first step
What to reach.

\`\`\`sh run v1
echo 1
\`\`\`
\`\`\`sh run v2
echo 2
\`\`\`
\`\`\`sh run in=b stays
sleep 100
\`\`\`
\`\`\`sh run in=b key=C-c
\`\`\`
\`\`\`sh
only shown
\`\`\`
::: hint
A hint.
:::
::: why
\`\`\`
:::: step not-one This is code
\`\`\`
:::
::::

:::: step second The second
::: answer Which one?
:::
::: solution
It.
:::
::::

::: docker
Docker.
:::
`)

  it('has its place and its front matter', () => {
    expect(page).toMatchObject({ id: 'some-lesson', part: '1-part', number: 5, title: 'A title', minutes: 7 })
    expect(page.path).toBe('/1-part/05-some-lesson/')
  })

  it('has its steps, with the lines they begin at', () => {
    expect(page.steps.map(({ id, title, line }) => [id, title, line])).toEqual([
      ['first', 'A first step', 18],
      ['second', 'The second', 45],
    ])
  })

  it('has the commands that are run, and how', () => {
    const plain = { version: null, terminal: 'a', stays: false, key: null }
    expect(page.steps[0]!.commands).toEqual([
      { ...plain, code: 'echo 1', version: 'v1', line: 21 },
      { ...plain, code: 'echo 2', version: 'v2', line: 24 },
      { ...plain, code: 'sleep 100', terminal: 'b', stays: true, line: 27 },
      { ...plain, code: '', terminal: 'b', key: 'C-c', line: 30 },
    ])
    expect(page.steps[1]!.commands).toEqual([])
  })
})

describe('a page that is not whole', () => {
  const step = (inside: string, opening = ':::: step one A title') => `${opening}\n\n${inside}\n::::\n`
  it.each([
    [
      'a step without an id',
      step(RUN, ':::: step'),
      7,
      /a step id of small letters, digits and dashes, found ""/,
    ],
    ['a step id with capitals', step(RUN, ':::: step Cap Words'), 7, /found "Cap"/],
    ['a step without a title', step(RUN, ':::: step cap'), 7, /a title after the id "cap", found none/],
    ['two steps of one id', step(RUN) + step(RUN), 14, /a step id of its own, found "one" a second time/],
    ['a step in a step', step(`::: step two Words\n${RUN}:::`), 9, /a step outside of other steps/],
    ['a step that asks for nothing', step('Words.'), 7, /a run fence or an answer in "one", found neither/],
    [
      'a container that is not closed',
      `::: hint\nWords.\n`,
      7,
      /a line ":::" that closes "::: hint", found none/,
    ],
    ['colons that close nothing', `Words.\n\n:::\n`, 9, /one of step, hint, .* found ":::"/],
    ['a container that there is not', `::: tip\nWords.\n:::\n`, 7, /found "::: tip"/],
    ['an unknown word on a fence', step('```sh run in=z\ntrue\n```'), 9, /found "in=z"/],
    ['an unknown key', step('```sh run key=F1\n```'), 9, /found "key=F1"/],
    ['a command outside of a step', RUN, 7, /a run fence inside a step, found one outside/],
    ['an answer outside of a step', '::: answer What?\n:::\n', 7, /an answer inside a step/],
    [
      'a command for one version',
      step('```sh run v1\ntrue\n```'),
      7,
      /a command for v2 in "one" beside the one for v1/,
    ],
  ])('%s is refused, with the line', (_, body, line, words) => {
    const attempt = () => parse(body)
    expect(attempt).toThrow(WorkbookError)
    expect(attempt).toThrow(words)
    expect(attempt).toThrow(`${FILE}:${line} `)
  })

  it.each([
    ['', /front matter with title, lead and minutes, found none/],
    ['---\nlead: x\nminutes: 1\n---\n', /a title in the front matter/],
    ['---\ntitle: x\nminutes: 1\n---\n', /a lead in the front matter/],
    ['---\ntitle: x\nlead: y\nminutes: soon\n---\n', /minutes in the front matter/],
  ])('front matter %j is refused', (head, words) => {
    expect(() => parse('', head)).toThrow(words)
  })

  it('outside of a lesson folder is refused', () => {
    expect(() => parsePage(HEAD, '/lessons/1-part/five/index.md')).toThrow(
      /<part>\/<two digits>-<name>\/index.md/,
    )
  })
})

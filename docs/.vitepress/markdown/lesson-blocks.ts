/**
 * Renders the containers and `run` fences that the lessons' parser finds as the theme's components.
 * The parser (lessons/src/page.ts) decides what is a step; nothing here looks at Markdown text again.
 */
import type { MarkdownRenderer } from 'vitepress'
import { arrangeSteps } from './arrange-steps.ts'
import { commandBlock } from './command-block.ts'
import { answerOpen, choices, foldOpen, searchText, stepOpen } from './containers.ts'
import type { SearchEnv } from './search-html.ts'

type RenderRule = NonNullable<MarkdownRenderer['renderer']['rules'][string]>

/** A container that becomes one component around its content. */
const around = (tag: string): [RenderRule, RenderRule] => [() => `<${tag}>\n`, () => `</${tag}>\n`]

export function lessonBlocks(md: MarkdownRenderer): void {
  md.core.ruler.push('workbook_arrange', arrangeSteps)

  const rule = (name: string, open: RenderRule, close: RenderRule) => {
    const forPeople = (render: RenderRule): RenderRule => {
      return (tokens, index, options, env: SearchEnv, self) =>
        env.forSearch ? searchText(md, tokens[index]!) : render(tokens, index, options, env, self)
    }
    md.renderer.rules[`container_${name}_open`] = forPeople(open)
    md.renderer.rules[`container_${name}_close`] = forPeople(close)
  }

  rule('step', stepOpen(md), () => '</LessonStep>\n')
  for (const kind of ['hint', 'why', 'solution'] as const) {
    rule(kind, foldOpen(kind), (tokens, index) =>
      tokens[index]!.meta?.slot ? '</template>\n' : '</LessonFold>\n',
    )
  }
  rule('answer', answerOpen(md), () => '</AnswerField>\n')
  rule('predict', ...choices('predict'))
  rule('quiz', ...choices('quiz'))
  rule('docker', ...around('DockerBox'))

  md.renderer.rules.slot_open = (tokens, index, _options, env: SearchEnv) =>
    env.forSearch ? '' : `<template #${tokens[index]!.meta.name}>\n`
  md.renderer.rules.slot_close = (_tokens, _index, _options, env: SearchEnv) =>
    env.forSearch ? '' : '</template>\n'

  const plainFence = md.renderer.rules.fence!
  md.renderer.rules.fence = (tokens, index, options, env: SearchEnv, self) => {
    const token = tokens[index]!
    if (!token.meta?.run) return plainFence(tokens, index, options, env, self)
    if (env.forSearch) return `<pre>${md.utils.escapeHtml(token.content)}</pre>`
    return commandBlock(md, token, env)
  }
}

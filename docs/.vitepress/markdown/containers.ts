/** The opening tags of the lesson containers, as components of the theme. */
import type { MarkdownRenderer } from 'vitepress'
import { stepId, stepTitle, type Token } from './arrange-steps.ts'

type RenderRule = NonNullable<MarkdownRenderer['renderer']['rules'][string]>

/** A JavaScript value as the value of a bound attribute of a Vue template. */
export function bound(md: MarkdownRenderer, value: unknown): string {
  return `"${md.utils.escapeHtml(JSON.stringify(value))}"`
}

export function stepOpen(md: MarkdownRenderer): RenderRule {
  return (tokens, index, _options, env) => {
    const token = tokens[index]!
    const attributes = [
      `id=${bound(md, stepId(token)).replaceAll('&quot;', '')}`,
      `:number="${token.meta.number}"`,
      `:folds=${bound(md, token.meta.folds)}`,
    ]
    return `<LessonStep ${attributes.join(' ')}>\n<template #title>${md.renderInline(stepTitle(token), env)}</template>\n`
  }
}

export function foldOpen(kind: string): RenderRule {
  return (tokens, index) => {
    const { slot } = tokens[index]!.meta
    return slot ? `<template #${slot}>\n` : `<LessonFold kind="${kind}">\n`
  }
}

/** `::: answer What is its pid?` */
export function answerOpen(md: MarkdownRenderer): RenderRule {
  return (tokens, index) => `<AnswerField :label=${bound(md, containerWords(tokens[index]!))}>\n`
}

export function choices(kind: 'predict' | 'quiz'): [RenderRule, RenderRule] {
  return [
    (tokens, index) => {
      const { right, count } = tokens[index]!.meta
      return `<ChoiceBox kind="${kind}" :count="${count}" :right="${JSON.stringify(right)}">\n`
    },
    () => '</ChoiceBox>\n',
  ]
}

/** What stands after the container's name on its opening line. */
export function containerWords(token: Token): string {
  return token.meta?.label ?? token.info.trim().split(/\s+/).slice(1).join(' ')
}

/** In the search index a step is a heading with an anchor; other containers are just their text. */
export function searchText(md: MarkdownRenderer, token: Token): string {
  if (token.type !== 'container_step_open') return ''
  return `<h2>${md.utils.escapeHtml(stepTitle(token))} <a href="#${stepId(token)}"></a></h2>\n`
}

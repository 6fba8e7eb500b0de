/** A `run` fence as `<CommandBlock>`: highlighted command inside, recorded output beside it. */
import type { MarkdownRenderer } from 'vitepress'
import type { Token } from './arrange-steps.ts'
import { bound } from './containers.ts'
import { recordedOutputs } from './recorded-output.ts'
import type { SearchEnv } from './search-html.ts'

const VERSIONS = ['v1', 'v2'] as const

export function commandBlock(md: MarkdownRenderer, token: Token, env: SearchEnv): string {
  const run = token.meta.run as {
    version: 'v1' | 'v2' | null
    terminal: string
    stays: boolean
    key: string | null
  }
  const code = token.content.replace(/\n$/, '')
  const block = { code, version: run.version, terminal: run.terminal, stays: run.stays, key: run.key }
  // VitePress reads digits in the fence's info as line numbers (`v1` would highlight line 1): no info is passed on.
  const highlight = (text: string, language: string) => md.options.highlight!(text, language, '')
  const recorded = VERSIONS.filter((version) => run.version === null || run.version === version).flatMap(
    (version) => {
      const output = recordedOutputs(env, version).take(token.meta.step, code)
      return output === null
        ? []
        : [`<template #recorded-${version}>${highlight(output, 'ansi')}</template>\n`]
    },
  )
  return `<CommandBlock :block=${bound(md, block)}>\n${highlight(code, 'sh')}\n${recorded.join('')}</CommandBlock>\n`
}

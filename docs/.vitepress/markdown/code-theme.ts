/**
 * One Shiki theme made of CSS variables: the style sheet gives them a light, a dark and a terminal
 * value, so that no page carries its colours twice. The `terminal.ansi…` names are what Shiki's `ansi`
 * language looks up when recorded output is rendered.
 */
const ansiNames = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'] as const

const ansi = Object.fromEntries(
  ansiNames.flatMap((name) => [
    [`terminal.ansi${name}`, `var(--code-ansi-${name.toLowerCase()})`],
    [`terminal.ansiBright${name}`, `var(--code-ansi-bright-${name.toLowerCase()})`],
  ]),
)

const token = (variable: string, ...scope: string[]) => ({
  scope,
  settings: { foreground: `var(--code-${variable})` },
})

export const codeTheme = {
  name: 'workbook',
  type: 'dark' as const,
  colors: { 'editor.foreground': 'var(--code-ink)', 'editor.background': 'var(--code-paper)', ...ansi },
  tokenColors: [
    token('faint', 'comment', 'punctuation.definition.comment'),
    token('string', 'string', 'punctuation.definition.string', 'constant.character.escape'),
    token('number', 'constant.numeric', 'constant.language', 'support.constant'),
    token('name', 'entity.name.command', 'entity.name.function', 'support.function', 'entity.name.tag'),
    token('keyword', 'keyword', 'storage', 'support.type.property-name'),
    token('variable', 'variable.other', 'variable.parameter', 'punctuation.definition.variable'),
    token('ink', 'keyword.operator', 'punctuation', 'variable.parameter.function', 'string.unquoted'),
  ],
}

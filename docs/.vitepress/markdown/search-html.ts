/** What the search index reads of a page: steps as headings, folds open, recorded output left out. */
import type { DefaultTheme, MarkdownEnv } from 'vitepress'

type Render = NonNullable<DefaultTheme.LocalSearchOptions['_render']>

export interface SearchEnv extends MarkdownEnv {
  /** Set while a page is rendered for the index instead of for people. */
  forSearch?: boolean
}

export const searchHtml: Render = (source, env, md) => {
  const searchEnv: SearchEnv = { ...env, forSearch: true }
  const html = md.render(source, searchEnv)
  const { title, search } = searchEnv.frontmatter ?? {}
  if (search === false) return ''
  // A page whose title stands in its front matter has no <h1> to be found under.
  return title ? `<h1>${md.utils.escapeHtml(String(title))} <a href="#"></a></h1>${html}` : html
}

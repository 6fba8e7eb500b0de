/** The search index, loaded once, and the question put to it. */
import localSearchIndex from '@localSearchIndex'
import MiniSearch from 'minisearch'

export interface Found {
  /** Path with the site's base and the anchor. */
  readonly href: string
  readonly title: string
  /** Page and headings above it. */
  readonly above: readonly string[]
}

let index: Promise<MiniSearch> | undefined

async function load(): Promise<MiniSearch> {
  const json = await localSearchIndex.root?.()
  return MiniSearch.loadJSON(json?.default ?? '{}', {
    fields: ['title', 'titles', 'text'],
    storeFields: ['title', 'titles'],
  })
}

/** At most 12, best first; nothing for an empty question. */
export async function find(words: string): Promise<Found[]> {
  index ??= load()
  const results = (await index).search(words, {
    prefix: true,
    fuzzy: (term) => (term.length > 4 ? 0.2 : false),
    boost: { title: 4, titles: 2 },
  })
  return results.slice(0, 12).map((result) => ({
    href: String(result.id),
    title: plain(result.title),
    above: (result.titles as string[]).map(plain),
  }))
}

/** Headings come as HTML text. */
function plain(html: string): string {
  return html
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim()
}

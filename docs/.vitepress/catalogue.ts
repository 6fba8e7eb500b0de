/**
 * `virtual:catalogue`: what lessons there are, for the theme.
 * A module of its own and not site data, so that it is downloaded once and not with every page.
 */
import { loadLessons } from '@docker-internals/lessons'
import type { UserConfig } from 'vitepress'

export interface CatalogueStep {
  readonly id: string
  readonly title: string
  /** How it is checked; see CheckKind of the model. */
  readonly kind: 'state' | 'counter' | 'answer'
}

export interface CatalogueLesson {
  readonly id: string
  readonly part: string
  readonly number: number
  readonly title: string
  readonly minutes: number
  /** Path in the site, without its base. */
  readonly path: string
  readonly steps: readonly CatalogueStep[]
}

interface DevServer {
  moduleGraph: { getModuleById(id: string): object | undefined; invalidateModule(module: never): void }
}

/** VitePress brings a Vite of its own: its plugin type is reached through VitePress. */
type Plugin = NonNullable<NonNullable<UserConfig['vite']>['plugins']>[number]

const ID = 'virtual:catalogue'

export function cataloguePlugin(lessonsFolder: string): Plugin {
  return {
    name: 'workbook:catalogue',
    resolveId: (id: string) => (id === ID ? `\0${ID}` : undefined),
    load: async (id: string) =>
      id === `\0${ID}` ? `export default ${JSON.stringify(await catalogue())}` : undefined,
    handleHotUpdate({ file, server }: { file: string; server: DevServer }) {
      if (!file.startsWith(lessonsFolder)) return
      const module = server.moduleGraph.getModuleById(`\0${ID}`)
      if (module) server.moduleGraph.invalidateModule(module as never)
    },
  }
}

/** @throws WorkbookError with file and line when a page and its checks do not agree: the build stops. */
async function catalogue(): Promise<CatalogueLesson[]> {
  const loaded = await loadLessons()
  return loaded.map(({ page, lesson }) => ({
    id: page.id,
    part: page.part,
    number: page.number,
    title: page.title,
    minutes: page.minutes,
    path: page.path,
    steps: page.steps.map(({ id, title }) => ({ id, title, kind: lesson.steps[id]?.check.kind ?? 'state' })),
  }))
}

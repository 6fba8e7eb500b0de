/**
 * The site: pages from docs/ and lessons/, one theme of its own, no server code.
 * `srcDir` is the repository so that a lesson's page stays beside its checks; everything that is not a
 * page of the site is excluded here, and the dev server's file access is closed to it.
 */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { workbookContainers } from '@docker-internals/lessons/page'
import { defineConfig, type HeadConfig } from 'vitepress'
import { cataloguePlugin } from './catalogue.ts'
import { codeTheme } from './markdown/code-theme.ts'
import { lessonBlocks } from './markdown/lesson-blocks.ts'
import { searchHtml } from './markdown/search-html.ts'

const docs = join(dirname(fileURLToPath(import.meta.url)), '..')
const repository = join(docs, '..')
const base = process.env.SITE_BASE ?? '/'

/** Puts the reader's choices on <html> before the first paint, so that nothing moves when Vue arrives. */
const beforePaint = `(()=>{try{const s=localStorage,d=document.documentElement;
d.dataset.cgroup=s.getItem('cgroup')==='v2'?'v2':'v1';
const w=Number(s.getItem('dock-width'));if(w>=25&&w<=75)d.style.setProperty('--dock-width',w+'%');
const n=s.getItem('lesson-list');if(n)d.dataset.lessons=n}catch{}})()`

/** Where `npm run dev` finds terminals and checks. */
const workbook = process.env.WORKBOOK ?? 'http://127.0.0.1:8080'

export default defineConfig({
  base,
  srcDir: '..',
  srcExclude: [
    '!(docs|lessons)/**',
    '*.md',
    'lessons/*.md',
    'lessons/{src,test}/**',
    'lessons/*/*/!(index.md)',
    'lessons/*/*/*/**',
    'docs/.vitepress/**',
  ],
  rewrites: { 'docs/:rest*': ':rest*', 'lessons/:rest*': ':rest*' },
  cleanUrls: true,
  lang: 'en',
  title: 'Docker Internals',
  titleTemplate: ':title · Docker Internals',
  description: 'Learn how containers really work: in a real shell, with checks that read the kernel.',
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}mark.svg` }],
    ['meta', { name: 'theme-color', media: '(prefers-color-scheme: light)', content: '#fbfaf7' }],
    ['meta', { name: 'theme-color', media: '(prefers-color-scheme: dark)', content: '#13171b' }],
    ['script', {}, beforePaint],
  ],
  transformPageData(page) {
    if (page.filePath.startsWith('lessons/')) page.frontmatter.layout = 'lesson'
  },
  transformHead: ({ assets }) =>
    assets
      .filter((file) => /(inter|jetbrains-mono)-latin-wght-normal\.[\w-]+\.woff2$/.test(file))
      .map(
        (href): HeadConfig => [
          'link',
          { rel: 'preload', href, as: 'font', type: 'font/woff2', crossorigin: '' },
        ],
      ),
  markdown: {
    theme: codeTheme,
    config: (md) => {
      // The same markdown-it; VitePress carries its own copy of the types.
      workbookContainers(md as never)
      md.use(lessonBlocks)
    },
  },
  themeConfig: { search: { provider: 'local', options: { _render: searchHtml } } },
  vite: {
    publicDir: join(docs, 'public'),
    // The esbuild of VitePress's Vite does not know the tsconfigs' "es2024" yet.
    esbuild: { tsconfigRaw: { compilerOptions: { target: 'es2022', verbatimModuleSyntax: true } } },
    plugins: [cataloguePlugin(join(repository, 'lessons'))],
    server: {
      // For `npm run dev`: host and cookies stay as they are, so the workbook beside it knows the browser.
      proxy: Object.fromEntries(['/api', '/healthz'].map((path) => [path, { target: workbook, ws: true }])),
      fs: {
        strict: true,
        allow: ['docs', 'lessons', 'node_modules', 'runtime/src/model', 'sandbox-server/protocol'].map(
          (folder) => join(repository, folder),
        ),
      },
    },
  },
})

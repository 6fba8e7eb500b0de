/** Made by .vitepress/catalogue.ts at build time. */
declare module 'virtual:catalogue' {
  export interface CatalogueStep {
    readonly id: string
    readonly title: string
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
  const catalogue: readonly CatalogueLesson[]
  export default catalogue
}

declare module '*.vue' {
  import type { DefineComponent } from 'vue'

  const component: DefineComponent
  export default component
}

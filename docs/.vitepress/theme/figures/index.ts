/** Figures that Markdown may name. Each is a chunk of its own: a page loads only those it shows. */
import { type App, defineAsyncComponent } from 'vue'

const figures = import.meta.glob('./Figure*.vue')

export function registerFigures(app: App): void {
  for (const [file, load] of Object.entries(figures)) {
    const name = file.slice('./'.length, -'.vue'.length)
    app.component(name, defineAsyncComponent(load as () => Promise<never>))
  }
}

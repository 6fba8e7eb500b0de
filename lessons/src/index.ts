/** What is taught, and how a page becomes steps and verdicts. */
export * from './catalogue.ts'
export * from './judge.ts'
export { parsePage, workbookContainers } from './page.ts'

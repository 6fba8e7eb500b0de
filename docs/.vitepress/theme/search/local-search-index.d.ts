/** VitePress's own index: a MiniSearch in JSON, by locale. */
declare module '@localSearchIndex' {
  const index: Record<string, () => Promise<{ default: string }>>
  export default index
}

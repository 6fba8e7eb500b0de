export type FoldKind = 'hint' | 'why' | 'solution'

export const foldWords: Record<FoldKind, string> = { hint: 'Hint', why: 'Why it works', solution: 'Solution' }

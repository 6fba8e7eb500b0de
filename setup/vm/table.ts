/** What a proof showed, a line for each lesson. */
import type { Report } from '../../lessons/src/prove/main.ts'

export function proofTable({ lessons }: Report): string {
  const rows = lessons.map(({ id, cgroup, steps }) => {
    const proven = steps.filter((step) => step.proven)
    const refused = proven.reduce((sum, { nearMisses }) => sum + nearMisses, 0)
    return [id, cgroup, `${proven.length} of ${steps.length}`, String(refused)]
  })
  const table = [['lesson', 'flavour', 'steps proven', 'near misses refused'], ...rows]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

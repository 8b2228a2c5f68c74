/** Lines of aligned columns, two spaces apart, under a row of headings. */
export function alignColumns(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  const lines = rows.map(row => row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  '))
  return lines.map(line => `${line.trimEnd()}\n`).join('')
}

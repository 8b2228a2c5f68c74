// Keeps a run: as JSON for whoever compares runs, as a chart for the documentation.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chart } from './chart.mjs'
import { cpuPerRequest, median } from './statistics.mjs'

const [begin, end] = ['<!-- results of the last whole run -->', '<!-- end of results -->']

/** @returns the paths of the files */
export function writeResults(folder, { facts, mode, results, targets }) {
  mkdirSync(folder, { recursive: true })
  const { comparisons, idle, starts } = results
  const kept = {
    mode,
    ...facts,
    comparisons: Object.fromEntries(Object.entries(comparisons).map(([name, rows]) => [name, rows.map(rowOf)])),
    idle: idle?.map(({ name, title, count, beforeMiB, afterMiB, kibEach }) => ({
      name,
      title,
      count,
      beforeMiB,
      afterMiB,
      kibEach,
    })),
    starts: starts?.map(({ name, title, ms }) => ({ name, title, ms })),
    targets: targets.map(({ figure, aim, value, note }) => ({ figure, aim: aim.text, value, note })),
  }
  const files = [join(folder, 'performance.json')]
  writeFileSync(files[0], `${JSON.stringify(kept, rounded, 1)}\n`)
  if (!comparisons.get) return files
  files.push(join(folder, 'performance.svg'))
  writeFileSync(files[1], chart(comparisons))
  return files
}

/** Puts the tables into the documentation, in place of those of the run before. @returns its path */
export function writeDocument(folder, tables) {
  const file = join(folder, 'performance.md')
  const text = readFileSync(file, 'utf8')
  const [before, after] = [text.slice(0, text.indexOf(begin) + begin.length), text.slice(text.indexOf(end))]
  const block = ['', '', '```text', tables.join('\n').trim(), '```', '', '']
  writeFileSync(file, `${before}${block.join('\n')}${after}`)
  return file
}

function rowOf({ name, title, does, order, residentMiB, answered, rounds, ...row }) {
  return {
    name,
    title,
    does,
    order,
    cpuMicrosPerRequest: median(cpuPerRequest({ rounds, ...row })),
    residentMiB,
    answered,
    rounds,
  }
}

/** Three digits behind the point say more than is known. */
function rounded(_key, value) {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value
}

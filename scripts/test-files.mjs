// Starting a process with its loaders and coverage costs more than most test files do themselves, so the files of a room
// run in one process, one after the other. Those that start programs of their own keep a process each.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const TESTS = 'build/test'
const TOGETHER = 'build/together'
const ONE_PROCESS_EACH = new Set(['end-to-end', 'deploy'])

/** @returns {string[]} What tap is to run, rooms first: the longest should not begin last. */
export function testFiles() {
  const rooms = readdirSync(TESTS, { withFileTypes: true }).filter(
    entry => entry.isDirectory() && entry.name !== 'fixtures',
  )
  const together = rooms.filter(room => !ONE_PROCESS_EACH.has(room.name)).map(room => runTogether(room.name))
  const alone = rooms.filter(room => ONE_PROCESS_EACH.has(room.name)).flatMap(room => filesIn(join(TESTS, room.name)))
  return [...together, ...alone, ...filesIn(TESTS)]
}

function filesIn(folder) {
  const names = readdirSync(folder).filter(name => name.endsWith('.test.js'))
  return names.map(name => join(folder, name))
}

function runTogether(room) {
  const text = filesIn(join(TESTS, room))
    .map(file => `import '../../${file}'\n`)
    .join('')
  mkdirSync(TOGETHER, { recursive: true })
  const path = join(TOGETHER, `${room}.test.js`)
  writeFileSync(path, text)
  return path
}

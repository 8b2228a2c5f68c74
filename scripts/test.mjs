// Runs the compiled test suite and ends with what failed and one line that people and machines can read.
import { spawn } from 'node:child_process'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { collectFailures } from './tap-failures.mjs'
import { testFiles } from './test-files.mjs'

const isTerminal = process.stdout.isTTY === true
const given = process.argv.slice(2)
const files = given.some(word => !word.startsWith('-')) ? [] : testFiles()
const args = ['--reporter', isTerminal ? 'terse' : 'tap', ...given, ...files]
const tap = spawn('tap', args, {
  stdio: ['ignore', isTerminal ? 'inherit' : 'pipe', 'inherit'],
  shell: process.platform === 'win32',
})

const failures = collectFailures()
let counts
const lines = tap.stdout ? createInterface({ input: tap.stdout }) : undefined
lines?.on('line', line => {
  process.stdout.write(`${line}\n`)
  failures.take(line)
  counts = /^# \{ total: \d+, pass: (\d+)(?:, fail: (\d+))?(?:, skip: (\d+))?/.exec(line) ?? counts
})
tap.on('close', code => {
  if (failures.told()) process.stdout.write(`\nFailed:\n${failures.told()}\n`)
  if (counts) process.stdout.write(`\n${counts[1]} passed, ${counts[2] ?? 0} failed, ${counts[3] ?? 0} skipped\n`)
  process.exitCode = code ?? 70
})

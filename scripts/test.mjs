// Runs the compiled test suite and ends with one line that people and machines can read.
import { spawn } from 'node:child_process'
import process from 'node:process'

const isTerminal = process.stdout.isTTY === true
const args = ['--reporter', isTerminal ? 'terse' : 'tap', ...process.argv.slice(2)]
const tap = spawn('tap', args, {
  stdio: ['ignore', isTerminal ? 'inherit' : 'pipe', 'inherit'],
  shell: process.platform === 'win32',
})

let tail = ''
tap.stdout?.on('data', chunk => {
  process.stdout.write(chunk)
  tail = (tail + chunk).slice(-4096)
})
tap.on('close', code => {
  const counts = /# \{ total: \d+, pass: (\d+)(?:, fail: (\d+))?(?:, skip: (\d+))?/.exec(tail)
  if (counts) process.stdout.write(`\n${counts[1]} passed, ${counts[2] ?? 0} failed, ${counts[3] ?? 0} skipped\n`)
  process.exit(code ?? 70)
})

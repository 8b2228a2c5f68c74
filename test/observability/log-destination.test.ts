import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createLogDestination } from '../../src/observability/log-destination.ts'

t.test('lines are gathered, and written in order when there are enough of them', async t => {
  const path = join(t.testdir(), 'a.log')
  const fd = openSync(path, 'a')
  t.teardown(() => closeSync(fd))
  const destination = createLogDestination(fd)
  destination.write('first\n')
  t.equal(readFileSync(path, 'utf8'), '')
  for (let count = 0; count < 5000; count++) destination.write(`${count}\n`)
  destination.flush()
  const expected = ['first', ...Array.from({ length: 5000 }, (_, index) => String(index)), '']
  while (readFileSync(path, 'utf8').length < expected.join('\n').length)
    await new Promise(resolve => setImmediate(resolve))
  t.same(readFileSync(path, 'utf8').split('\n').sort(), expected.sort())
})

t.test('a line that nobody asks for is written after a while', async t => {
  const path = join(t.testdir(), 'a.log')
  const fd = openSync(path, 'a')
  t.teardown(() => closeSync(fd))
  createLogDestination(fd).write('one\n')
  while (readFileSync(path, 'utf8') === '') await new Promise(resolve => setTimeout(resolve, 10))
  t.equal(readFileSync(path, 'utf8'), 'one\n')
})

t.test('a descriptor that is none loses the lines and nothing else', async t => {
  const destination = createLogDestination(99_999)
  destination.write('x\n'.repeat(4096))
  destination.flush()
  await new Promise(resolve => setImmediate(resolve))
  destination.write('x\n')
  destination.flush()
  t.pass('nothing was thrown')
})

/** Runs a program that writes lines to its standard output. */
function writer(script: string) {
  const module = import.meta.resolve('../../src/observability/log-destination.js')
  const code = `const { createLogDestination } = await import(process.argv[1]); const log = createLogDestination(1); ${script}`
  return spawn(process.execPath, ['--input-type=module', '-e', code, module], { stdio: ['ignore', 'pipe', 'pipe'] })
}

t.test('a reader that is slow gets every line once it reads', async t => {
  const child = writer(
    `for (let i = 0; i < 20000; i++) log.write('line ' + i + '\\n'); log.flush(); process.stderr.write('done')`,
  )
  t.teardown(() => void child.kill())
  await once(child.stderr, 'data')
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  await once(child, 'close')
  t.equal(text, Array.from({ length: 20_000 }, (_, index) => `line ${index}\n`).join(''))
})

t.test('a reader that never reads holds up neither the flush nor the program, and costs a bounded memory', async t => {
  const child = writer(
    `for (let i = 0; i < 2000; i++) log.write('x'.repeat(100000)); log.flush(); process.stderr.write(String(process.memoryUsage().rss))`,
  )
  t.teardown(() => void child.kill('SIGKILL'))
  const [rss] = await once(child.stderr, 'data')
  t.ok(Number(rss) < 150 * 1024 * 1024, `${rss} octets of memory`)
})

t.test('a reader that went away is no fault', async t => {
  const child = writer(
    `setInterval(() => { log.write('x\\n'.repeat(4096)); log.flush() }, 1); setTimeout(() => process.exit(0), 300)`,
  )
  child.stdout.destroy()
  const [code] = await once(child, 'close')
  t.equal(code, 0)
})

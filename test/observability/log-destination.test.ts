import { execFileSync, spawn } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { closeSync, constants, openSync, readFileSync, readSync, renameSync, unlinkSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openLogDescriptor } from '../../src/observability/log-descriptor.ts'
import { createLogDestination } from '../../src/observability/log-destination.ts'
import { until } from '../fixtures/until.ts'

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

t.test('a descriptor that is none loses the lines, counts them, and nothing else', async t => {
  const destination = createLogDestination(99_999)
  t.equal(destination.lost(), 0)
  destination.write('x\n'.repeat(4096))
  await destination.drain()
  t.equal(destination.lost(), 4096)
  destination.write('x\n')
  await destination.drain()
  t.equal(destination.lost(), 4097)
})

/** Runs a program that writes lines to its standard output, as a gateway does. */
function writer(script: string) {
  const [destination, descriptor] = ['log-destination', 'log-descriptor'].map(name =>
    import.meta.resolve(`../../src/observability/${name}.js`),
  )
  const code = `const { createLogDestination } = await import('${destination}'); const { openLogDescriptor } = await import('${descriptor}'); const log = createLogDestination(openLogDescriptor('stdout'), { drainMs: 100 }); ${script}`
  return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'pipe'] })
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

t.test('a reader that never reads holds up neither the flush nor the exit, and costs a bounded memory', async t => {
  const child = writer(
    `for (let i = 0; i < 2000; i++) log.write('x'.repeat(99999) + '\\n'); await log.drain(); process.stderr.write(process.memoryUsage().rss + ' ' + log.lost()); process.exit(0)`,
  )
  t.teardown(() => void child.kill('SIGKILL'))
  const [figures] = await once(child.stderr, 'data')
  const [rss, lost] = String(figures).split(' ').map(Number)
  t.ok(Number(rss) < 150 * 1024 * 1024, `${rss} octets of memory`)
  // 83 lines of 100000 octets are less than 8 MiB, 84 are more; one may be on its way in part.
  t.equal(lost, 2000 - 83)
  t.same(await once(child, 'exit'), [0, null])
})

t.test('a reader that went away is no fault', async t => {
  const child = writer(
    `setInterval(() => { log.write('x\\n'.repeat(4096)); log.flush() }, 1); setTimeout(() => process.exit(0), 300)`,
  )
  child.stdout.destroy()
  const [code] = await once(child, 'close')
  t.equal(code, 0)
})

/** A named pipe and a reader of it that reads only when it is told to. */
function pipeIn(t: Test) {
  const path = join(t.testdir(), 'pipe')
  execFileSync('mkfifo', [path])
  let reader: number | undefined
  const stopReading = (): void => {
    if (reader !== undefined) closeSync(reader)
    reader = undefined
  }
  t.teardown(stopReading)
  const octets = Buffer.alloc(1 << 20)
  return {
    path,
    stopReading,
    startReading() {
      reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    },
    /** What is in the pipe now. */
    read(): string {
      try {
        return octets.toString('latin1', 0, readSync(reader as number, octets))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return ''
        throw error
      }
    },
  }
}

const line = (count: number): string => `{"line":${String(count).padStart(90, '0')}}\n`

t.test('lines beyond the room for them are lost and counted; told of once there is room again, and once', async t => {
  const pipe = pipeIn(t)
  pipe.startReading()
  const told: number[] = []
  // The pipe takes 65536 octets, and 10000 are held.
  const onRegained = (lines: number) => void told.push(lines)
  const destination = createLogDestination(openLogDescriptor(pipe.path), { maxOctets: 10_000, onRegained })
  let written = 0
  await until(
    () => {
      for (let count = 0; count < 20; count++) destination.write(line(written++))
      return destination.lost()
    },
    lost => lost > 100,
  )
  t.same(told, [])
  let text = ''
  await until(
    () => {
      text += pipe.read()
      return text.split('\n').length - 1 + destination.lost()
    },
    count => count === written,
  )
  t.same(told, [destination.lost()])
  const expected = Array.from({ length: written }, (_, count) => line(count).trim())
  t.same(
    text
      .split('\n')
      .slice(0, -1)
      .filter(one => !expected.includes(one)),
    [],
  )
})

t.test(
  'what comes after half a line begins on a line of its own, also where the same pipe is opened again',
  async t => {
    const pipe = pipeIn(t)
    pipe.startReading()
    const open = (): number => openLogDescriptor(pipe.path)
    const destination = createLogDestination(open(), { open })
    let written = 0
    while (written < 2000) destination.write(line(written++))
    // The pipe fills up: the last line in it is a part of one.
    await destination.drain()
    pipe.stopReading()
    await until(
      () => destination.lost(),
      lost => lost > 0,
    )
    pipe.startReading()
    destination.reopen()
    destination.write(line(written++))
    let text = pipe.read()
    await until(
      () => {
        text += pipe.read()
        return text
      },
      read => read.endsWith(line(2000)),
    )
    const whole = text.split('\n').filter(one => one.length === 99)
    const cut = text.split('\n').filter(one => one !== '' && one.length !== 99)
    t.equal(cut.length, 1)
    t.match(cut[0], /^\{"line":0+/)
    t.equal(whole.length + destination.lost(), written)
  },
)

t.test('a reader that has stopped holds up no other work of the process, even where writing blocks', async t => {
  const pipe = pipeIn(t)
  pipe.startReading()
  const destination = createLogDestination(openSync(pipe.path, 'a'), { drainMs: 1 })
  for (let count = 0; count < 2000; count++) destination.write(line(count))
  await destination.drain()
  await Promise.all([1, 2, 3, 4].flatMap(() => [readFile('package.json'), lookup('localhost')]))
  let text = ''
  await until(
    () => {
      text += pipe.read()
      return text.length
    },
    length => length === 2000 * 100,
  )
  t.equal(destination.lost(), 0)
})

t.test('whoever waits for the end of the lines while another does waits for the same', async t => {
  const pipe = pipeIn(t)
  pipe.startReading()
  const destination = createLogDestination(openLogDescriptor(pipe.path))
  destination.write(line(1))
  await Promise.all([destination.drain(), destination.drain()])
  t.equal(pipe.read(), line(1))
})

t.test('rotated while it is written, a log has each line once, and the last one where it is opened now', async t => {
  const folder = t.testdir()
  const path = join(folder, 'a.log')
  const open = (): number => openLogDescriptor(path)
  const destination = createLogDestination(open(), { open })
  let written = 0
  const rotated: string[] = []
  for (let round = 0; round < 5; round++) {
    while (written < (round + 1) * 1000) destination.write(line(written++))
    rotated.push(join(folder, `a.log.${round}`))
    renameSync(path, rotated[round] as string)
    // Asked for twice while a write is on its way: the first of the new descriptors is not needed.
    destination.reopen()
    destination.reopen()
    destination.write(line(written++))
    if (round % 2 === 0) destination.flush()
  }
  await destination.drain()
  destination.write(line(written++))
  destination.flush()
  const texts = [...rotated, path].map(file => readFileSync(file, 'utf8'))
  const lines = texts.join('').split('\n').slice(0, -1).sort()
  t.same(
    lines,
    Array.from({ length: written }, (_, count) => line(count).trim()),
  )
  t.ok(texts.at(-1)?.includes(line(written - 1)))
})

t.test('a destination that cannot be opened again stays where it was, and says why', async t => {
  const path = join(t.testdir(), 'a.log')
  const errors: unknown[] = []
  const destination = createLogDestination(openLogDescriptor(path), {
    open: () => openSync(join(path, 'not-a-folder'), 'a'),
    onNotReopened: error => void errors.push(error),
  })
  destination.write('before\n')
  destination.reopen()
  destination.write('after\n')
  await destination.drain()
  t.equal(readFileSync(path, 'utf8'), 'before\nafter\n')
  t.match(errors, [{ code: 'ENOTDIR' }])
})

t.test('what cannot be opened again is left alone, and nobody need listen', async t => {
  const path = join(t.testdir(), 'a.log')
  const standing = createLogDestination(openLogDescriptor(path))
  standing.reopen()
  const deaf = createLogDestination(openLogDescriptor(path), {
    open: () => openSync(join(path, 'not-a-folder'), 'a'),
  })
  deaf.reopen()
  unlinkSync(path)
  t.equal(standing.lost() + deaf.lost(), 0)
})

t.test('a named pipe that nobody reads cannot be opened, and does not make anybody wait', async t => {
  t.throws(() => openLogDescriptor(pipeIn(t).path), { code: 'ENXIO' })
})

import { execFile, execFileSync } from 'node:child_process'
import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { openLogger } from '../../src/observability/logger.ts'
import { logFileIn } from '../fixtures/log-file.ts'

t.test('lines are JSON with a level by name and a time, and are on disk after a flush', async t => {
  const file = logFileIn(t.testdir(), 'info')
  const { logger, flush } = openLogger(file.log)
  logger.debug({ a: 1 }, 'not this one')
  logger.warn({ a: 2 }, 'this one')
  flush()
  const [line, ...more] = file.lines()
  t.equal(more.length, 0)
  t.match(line, { level: 'warn', a: 2, msg: 'this one' })
  t.same(Object.keys(line ?? {}), ['level', 'time', 'a', 'msg'])
  t.match(line?.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
})

t.test('a log is appended to', async t => {
  const file = logFileIn(t.testdir({ 'access.log': '{"first":true}\n' }))
  const { logger, flush } = openLogger(file.log)
  logger.info('second')
  flush()
  t.match(file.lines(), [{ first: true }, { msg: 'second' }])
})

t.test('a log that cannot be opened says which, why and what to do', async t => {
  const destination = join(t.testdir(), 'missing', 'access.log')
  t.throws(() => openLogger({ level: 'info', destination }), {
    code: 'ERR_FORAGE_LOG',
    message: new RegExp(`${destination} cannot be opened \\(ENOENT\\)\\. Check`),
    cause: { code: 'ENOENT' },
  })
})

t.test('a named pipe that nobody reads ends the start, and says what to do', async t => {
  const destination = join(t.testdir(), 'pipe')
  execFileSync('mkfifo', [destination])
  t.throws(() => openLogger({ level: 'info', destination }), {
    code: 'ERR_FORAGE_LOG',
    message: /\(ENXIO\)\. Start what reads this named pipe first/,
  })
})

t.test('a log that cannot be opened again says so where it was', async t => {
  const folder = t.testdir({ logs: {} })
  const destination = join(folder, 'logs', 'access.log')
  const { logger, drain, lost, reopen } = openLogger({ level: 'info', destination })
  renameSync(join(folder, 'logs'), join(folder, 'moved'))
  reopen()
  logger.info('still there')
  await drain()
  const [problem, line] = readFileSync(join(folder, 'moved', 'access.log'), 'utf8').split('\n')
  t.match(JSON.parse(problem ?? ''), { level: 'error', event: 'log_not_reopened', error_code: 'ENOENT' })
  t.match(JSON.parse(line ?? ''), { msg: 'still there' })
  t.equal(lost(), 0)
})

t.test('standard output and standard error are written', async t => {
  for (const destination of ['stdout', 'stderr'] as const) {
    const script = `const { openLogger } = await import(process.argv[1]); const { logger, flush } = openLogger({ level: 'info', destination: '${destination}' }); logger.info('hello'); flush()`
    const outputs = await promisify(execFile)(process.execPath, [
      '--input-type=module',
      '-e',
      script,
      import.meta.resolve('../../src/observability/logger.js'),
    ])
    t.match(outputs[destination], /"msg":"hello"/)
  }
})

import pino from 'pino'
import t from 'tap'
import { logFault } from '../../src/observability/fault-log.ts'

function logged(error: unknown): Record<string, unknown> {
  let line = ''
  const write = (text: string) => {
    line = text
  }
  logFault(pino({ base: null }, { write }), error, 'r1')
  return JSON.parse(line)
}

t.test('a fault is logged by its name and where it arose, never by its message', async t => {
  const error = new RangeError('4111111111111111 is\n    at secret.ts')
  const line = logged(error)
  t.match(line, { request_id: 'r1', error_name: 'RangeError', msg: 'internal fault' })
  const frames = line.frames as string[]
  t.ok(frames.length > 0)
  t.notMatch(JSON.stringify(line), /4111111111111111/)
})

t.test('a message that looks like a stack frame is not logged', async t => {
  t.notMatch(JSON.stringify(logged(new Error('x\n    at 4111111111111111'))), /4111111111111111/)
})

t.test('what is no error is logged without its value', async t => {
  for (const thrown of ['4111111111111111', { name: '4111111111111111', stack: '4111111111111111' }, null, undefined]) {
    t.match(logged(thrown), { request_id: 'r1', error_name: 'unknown', frames: [] })
  }
})

/*
 * The report of a fault repeated words of the error.
 *
 * The log had the name of an error, whatever somebody had made of it, and, where a message was changed after the error was
 * made, the lines of the first one that look like stack frames. With FORAGE_GATEWAY_DEBUG=1, which the report of a fault
 * recommends, the whole message was on standard error. Messages of parsers and of libraries quote what they stumbled over.
 */
import pino from 'pino'
import t from 'tap'
import { reportFault } from '../../src/cli/run.ts'
import { logFault } from '../../src/observability/fault-log.ts'

const secret = 'sandbox_sZaw0123456789abcdefghijklmnop'

const faults: Readonly<Record<string, unknown>> = {
  'a message': new Error(secret),
  'a message of many lines': new Error(`no\n    at ${secret}\n    at f (${secret}:1:1)`),
  'a message that was changed': Object.assign(new Error(`no\n    at ${secret}\n    at f (${secret}:1:1)`), {
    message: 'x',
  }),
  'a name': Object.assign(new Error('no'), { name: secret }),
  'a cause': new Error('no', { cause: new Error(secret) }),
  'a detail': Object.assign(new Error('no'), { code: secret }),
}
for (const [what, error] of Object.entries(faults)) {
  t.test(`a secret in ${what} is neither logged nor printed, and where it arose is`, async t => {
    let text = ''
    const write = (part: string) => (text += part)
    logFault(pino({ base: null }, { write }), error)
    t.match(JSON.parse(text).frames[0], /fault-words/)
    t.equal(reportFault(error, { stderr: { write }, env: { FORAGE_GATEWAY_DEBUG: '1' } }), 70)
    t.match(text, /\n {4}at [^\n]*fault-words/)
    t.notMatch(text, secret)
  })
}

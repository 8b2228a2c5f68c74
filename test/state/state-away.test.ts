import t from 'tap'
import { DataLost, isOfOneKey, reasonOf, stateAway, TimedOut, UnreadableReply } from '../../src/state/state-away.ts'

const named = (name: string, message: string, rest: object = {}) => Object.assign(new Error(message), { name, ...rest })

t.test('the fault has its code, one word, and nothing behind it', async t => {
  const fault = stateAway('ETIMEDOUT')
  t.match(fault, { code: 'ERR_FORAGE_STATE_AWAY', message: 'the shared state is away (ETIMEDOUT)' })
  t.equal(fault.cause, undefined)
})

for (const [error, reason] of [
  [new TimedOut(), 'ETIMEDOUT'],
  [new DataLost(), 'DATA_LOST'],
  [new UnreadableReply(), 'UNREADABLE_REPLY'],
  [named('Error', 'connect ECONNREFUSED 127.0.0.1:6379', { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [new Error('Command timed out'), 'ETIMEDOUT'],
  [new Error('Connection is closed.'), 'ECLOSED'],
  [named('ReplyError', 'WRONGPASS invalid username-password pair CANARY'), 'WRONGPASS'],
  [named('ReplyError', 'sandbox_CANARY is what you sent'), 'UNKNOWN'],
  [named('ReplyError', `${'A'.repeat(41)} too long`), 'UNKNOWN'],
  [named('Error', 'CANARY is no reply'), 'UNKNOWN'],
  [named('Error', 'x', { code: 'sandbox_CANARY' }), 'UNKNOWN'],
  ['CANARY', 'UNKNOWN'],
] as const) {
  t.test(`${error instanceof Error ? error.message : error} is told as ${reason}`, async t => {
    t.equal(reasonOf(error), reason)
  })
}

t.test('a wrong type and a failed script are of one key; everything else is of the state', async t => {
  t.equal(isOfOneKey(named('ReplyError', 'WRONGTYPE Operation against a key')), true)
  t.equal(isOfOneKey(named('ReplyError', 'ERR user_script:3: WRONGTYPE')), true)
  t.equal(isOfOneKey(named('ReplyError', 'READONLY You can')), false)
  t.equal(isOfOneKey(named('ReplyError', 'OOM command not allowed')), false)
  t.equal(isOfOneKey(named('Error', 'ERR of a stranger')), false)
  t.equal(isOfOneKey('ERR'), false)
})

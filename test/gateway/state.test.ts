import { randomBytes } from 'node:crypto'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { openState } from '../../src/gateway/state.ts'
import { parseRedisUrl } from '../../src/state/redis-address.ts'
import { aConfig } from '../fixtures/config.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { startRedis } from '../fixtures/redis-server.ts'
import { aLedgerEntry } from '../fixtures/redis-state.ts'
import { until } from '../fixtures/until.ts'

const skip = missingPart('redis-server')

/** The state of a gateway of its own, and what it logs. */
async function startState(t: Test, url: string, secrets: { sealingKey?: Buffer; password?: string } = {}) {
  const lines: Record<string, unknown>[] = []
  const logger = pino({ base: null }, { write: line => void lines.push(JSON.parse(line)) })
  const redis = { address: parseRedisUrl(url), ...secrets }
  const state = await openState(aConfig(url, { state: { namespace: 'default', redis } }), logger)
  t.teardown(() => state.close())
  return { state, eventsOf: (event: string) => lines.filter(line => line.event === event) }
}

t.test('why the state is away is told once for each reason, and anew when it was there again', { skip }, async t => {
  const redis = await startRedis(t)
  const { eventsOf } = await startState(t, redis.url)
  const operator = await redis.look()
  const reasons = () => eventsOf('state_away').map(({ reason }) => reason)
  for (const round of [1, 2]) {
    await operator.config('SET', 'requirepass', `password ${round}`)
    await operator.call('AUTH', `password ${round}`)
    await operator.call('CLIENT', 'KILL', 'SKIPME', 'yes')
    await until(reasons, told => told.length === round * 2)
    await operator.config('SET', 'requirepass', '')
    await until(
      () => eventsOf('state_connected').length,
      times => times === round + 1,
    )
  }
  t.same(reasons(), ['ECLOSED', 'NOAUTH', 'ECLOSED', 'NOAUTH'])
})

t.test(
  'what another one has sealed with another key cannot be read, and the log says so, seldom',
  { skip },
  async t => {
    const redis = await startRedis(t)
    const one = await startState(t, redis.url, { sealingKey: randomBytes(32) })
    const other = await startState(t, redis.url, { sealingKey: randomBytes(32) })
    const entry = aLedgerEntry()
    await one.state.shared.ledger.record(entry)
    const ask = async () => other.state.sessionParts.askOthers?.(entry.digest)
    for (const _ of [1, 2, 3]) await t.rejects(ask(), { code: 'ERR_FORAGE_STATE_AWAY' })
    t.match(other.eventsOf('state_unreadable'), [{ level: 50, values: 1, msg: /state\.sealingKey/ }])
    t.same(await one.state.sessionParts.askOthers?.(entry.digest), entry)
    t.same(one.eventsOf('state_unreadable'), [])
  },
)

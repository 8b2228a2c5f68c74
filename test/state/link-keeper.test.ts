import t, { type Test } from 'tap'
import { createLinkKeeper, type LinkKeeper, type LinkKeeperOptions } from '../../src/state/link-keeper.ts'
import type { RedisLink } from '../../src/state/redis-link.ts'
import { until } from '../fixtures/redis-state.ts'

/** A link without a server: for what happens between two events of one. */
function aLink(closed: string[] = [], name = 'link'): RedisLink {
  return { get: async () => name, close: () => void closed.push(name) } as Partial<RedisLink> as RedisLink
}

function aKeeper(t: Test, overrides: Partial<LinkKeeperOptions>): LinkKeeper {
  const keeper = createLinkKeeper({
    connect: async () => aLink(),
    prepare: async () => {},
    beat: async () => {},
    beatMs: 10,
    commandTimeoutMs: 1000,
    counters: { timeouts: 0, failures: 0, reconnects: 0, unreadable: 0, writtenBack: 0 },
    now: () => 1_800_000_000,
    monotonic: () => performance.now(),
    random: () => 0,
    ...overrides,
  })
  t.teardown(() => keeper.close(async () => {}))
  return keeper
}

t.test('a link that ends with the last answer of its preparation is never used', async t => {
  const closed: string[] = []
  let links = 0
  let lose: (error: unknown) => void = () => {}
  const keeper = aKeeper(t, {
    connect: async onLost => {
      lose = onLost
      return aLink(closed, `link ${++links}`)
    },
    prepare: async () => {
      if (links === 1) lose(new Error('Connection is closed.'))
    },
  })
  await keeper.start()
  t.match(keeper.health, { status: 'away', reason: 'ECLOSED' })
  await t.rejects(
    keeper.use(link => link.get('key')),
    { code: 'ERR_FORAGE_STATE_AWAY' },
  )
  await until('the second one is used', () => keeper.health.status === 'connected')
  t.equal(await keeper.use(link => link.get('key')), 'link 2')
  t.same(closed, ['link 1'])
})

t.test('the pauses between attempts double', async t => {
  const pauses: number[] = []
  let clock = 0
  const keeper = aKeeper(t, {
    connect: async () => {
      pauses.push(performance.now())
      throw new Error('nothing there')
    },
    monotonic: () => clock++,
  })
  await keeper.start()
  await until('it was tried four times', () => pauses.length >= 4)
  const [first = 0, second = 0, third = 0, fourth = 0] = pauses
  t.ok(second - first >= 24, `${second - first} ms`)
  t.ok(third - second >= 49, `${third - second} ms`)
  t.ok(fourth - third >= 99, `${fourth - third} ms`)
})

t.test('a beat that fails ends the link, and is told by its reason', async t => {
  const reasons: string[] = []
  let beats = 0
  const keeper = aKeeper(t, {
    beat: async () => {
      if (++beats === 1) throw Object.assign(new Error('x'), { code: 'ETIMEDOUT' })
    },
  })
  keeper.onHealthChange(({ status, reason }) => reasons.push(`${status} ${reason}`.trim()))
  await keeper.start()
  await until('it is back', () => reasons.length === 3)
  t.same(reasons, ['connected', 'away ETIMEDOUT', 'connected'])
})

t.test('it can be closed while it connects: the link that comes is closed unused', async t => {
  const closed: string[] = []
  let come: (link: RedisLink) => void = () => {}
  const keeper = aKeeper(t, {
    connect: () =>
      new Promise(resolve => {
        come = resolve
      }),
    prepare: async () => void t.fail('it was prepared'),
  })
  const started = keeper.start()
  await keeper.close(async () => void t.fail('it said goodbye to nobody'))
  come(aLink(closed))
  await started
  t.same(closed, ['link'])
  t.equal(keeper.health.reason, 'CLOSED')
})

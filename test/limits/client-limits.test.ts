import t from 'tap'
import { type ClientLimits, type ClientLimitsOptions, createClientLimits } from '../../src/limits/client-limits.ts'

function aClientLimits(options: Partial<ClientLimitsOptions>): { clock: { now: number }; limits: ClientLimits } {
  const clock = { now: 0 }
  const none = { perSession: null, perAddress: null, denialsPerAddress: null }
  return { clock, limits: createClientLimits({ ...none, now: () => clock.now, ...options }) }
}

t.test('one session is limited wherever it asks from, and another one is not', async t => {
  const { limits } = aClientLimits({ perSession: { requests: 2, windowSec: 60 } })
  t.same([limits.admit('192.0.2.1', 'a'), limits.admit('192.0.2.2', 'a'), limits.admit('192.0.2.3', 'a')], [0, 0, 60])
  t.equal(limits.admit('192.0.2.1', 'b'), 0)
})

t.test('one address is limited whatever session it asks with', async t => {
  const { clock, limits } = aClientLimits({ perAddress: { requests: 2, windowSec: 60 } })
  t.same([limits.admit('192.0.2.1', 'a'), limits.admit('192.0.2.1', 'b'), limits.admit('192.0.2.1', 'c')], [0, 0, 60])
  t.equal(limits.admit('192.0.2.2', 'a'), 0)
  clock.now = 60_000
  t.equal(limits.admit('192.0.2.1', 'c'), 0)
})

t.test('addresses of one /64 count as one, and an IPv4 address counts the same in both spellings', async t => {
  const { limits } = aClientLimits({ perAddress: { requests: 1, windowSec: 60 } })
  t.same(
    [limits.admit('2001:db8::1', 'a'), limits.admit('2001:db8::2', 'a'), limits.admit('2001:db8:0:1::1', 'a')],
    [0, 60, 0],
  )
  t.same([limits.admit('192.0.2.1', 'a'), limits.admit('::ffff:192.0.2.1', 'a')], [0, 60])
})

t.test('a request that its address may not send is not counted for its session, nor the other way round', async t => {
  const { limits } = aClientLimits({
    perSession: { requests: 2, windowSec: 30 },
    perAddress: { requests: 2, windowSec: 60 },
  })
  limits.admit('192.0.2.1', 'a')
  limits.admit('192.0.2.1', 'b')
  t.equal(limits.admit('192.0.2.1', 'a'), 60)
  t.equal(limits.admit('192.0.2.2', 'a'), 0)
  t.equal(limits.admit('192.0.2.2', 'a'), 30)
  t.equal(limits.admit('192.0.2.2', 'c'), 0)
})

t.test('the 59th refusal leaves an address free, the 60th closes it for the rest of the window', async t => {
  const { clock, limits } = aClientLimits({ denialsPerAddress: { requests: 60, windowSec: 60 } })
  limits.noteDenial('192.0.2.1')
  clock.now = 1000
  for (let count = 2; count <= 59; count++) limits.noteDenial('192.0.2.1')
  t.equal(limits.guessing('192.0.2.1'), 0)
  limits.noteDenial('192.0.2.1')
  t.equal(limits.guessing('192.0.2.1'), 59)
  t.equal(limits.guessing('192.0.2.2'), 0)
  t.equal(limits.admit('192.0.2.1', 'a'), 0)
  clock.now = 59_999
  t.equal(limits.guessing('192.0.2.1'), 1)
  clock.now = 60_000
  t.equal(limits.guessing('192.0.2.1'), 0)
})

t.test('where there are no limits, nobody is limited', async t => {
  const { limits } = aClientLimits({})
  for (let count = 0; count < 1000; count++) {
    limits.noteDenial('192.0.2.1')
    limits.admit('192.0.2.1', 'a')
  }
  t.same([limits.guessing('192.0.2.1'), limits.admit('192.0.2.1', 'a')], [0, 0])
})

t.test('no more addresses are counted than are allowed for', async t => {
  const { limits } = aClientLimits({ perAddress: { requests: 1, windowSec: 60 }, maxKeys: 2 })
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) limits.admit(address, 'a')
  t.equal(limits.admit('192.0.2.1', 'a'), 0)
  t.equal(limits.admit('192.0.2.3', 'a'), 60)
})

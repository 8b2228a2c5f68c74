import t from 'tap'
import { readRevocation, writeRevocation } from '../../src/state/revocation-record.ts'

const now = 1_800_000_000
const digest = 'A'.repeat(43)

for (const [revocation, text, at, endsAt] of [
  [{ token: digest, expiresAt: now + 900.5 }, `["token","${digest}",1800000900.5]`, 0, now + 900.5],
  [{ useCase: 'checkout' }, '["useCase","checkout",1800000000]', now, now + 90_000],
  [{ authenticationToken: digest }, `["authenticationToken","${digest}",1800000000]`, now, now + 90_000],
  [{ all: true }, '["all",1800000000]', now, now + 90_000],
] as const) {
  t.test(`a revocation is written as ${text}, and read again`, async t => {
    t.equal(writeRevocation(revocation, now + 0.9), text)
    t.same(readRevocation(text, now), { revocation, at, endsAt })
  })
}

t.test('a collective revocation may be an hour ahead of this clock, not more', async t => {
  t.ok(readRevocation(`["all",${now + 3600}]`, now))
  t.equal(readRevocation(`["all",${now + 3601}]`, now), undefined)
})

for (const text of [
  '',
  '{}',
  '[]',
  '["all"]',
  '["all","1800000000"]',
  '["all",-1]',
  '["all",1800000000.5]',
  '["all", 1800000000]',
  '["all",1800000000,1]',
  '["all",1e300]',
  '["useCase",7,1800000000]',
  `["useCase","${'x'.repeat(257)}",1800000000]`,
  '["token","short",1800000900]',
  `["token","${digest}"]`,
  `["token","${digest}","1800000900"]`,
  '["authenticationToken","sandbox_abc",1800000000]',
  '["other","x",1800000000]',
]) {
  t.test(`${text.slice(0, 60) || 'nothing'} is no revocation`, async t => {
    t.equal(readRevocation(text, now), undefined)
  })
}

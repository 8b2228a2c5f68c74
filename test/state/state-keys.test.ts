import t from 'tap'
import { createStateKeys } from '../../src/state/state-keys.ts'

const keys = createStateKeys('sandbox', 'shop-1')

t.test('every key and the channel begin with environment and namespace, in one slot of a Cluster', async t => {
  const all = [
    keys.replicas,
    keys.revocations,
    keys.ends,
    keys.completeSince,
    keys.channel,
    keys.writes('r'),
    keys.ledger('d'),
    keys.budget('e'),
    keys.limit('k', 60),
    keys.secret('s'),
  ]
  for (const key of all) t.ok(key.startsWith('forage-gateway:{sandbox.shop-1}:'), key)
  t.equal(new Set(all).size, all.length)
})

t.test('what comes from outside is in a key as its digest, of one length', async t => {
  for (const name of ['', '127.0.0.1', '}:x{', 'x'.repeat(10_000)]) {
    t.match(keys.limit(name, 60), /:limit:60:[A-Za-z0-9_-]{22}$/)
    t.match(keys.budget(name), /:budget:[A-Za-z0-9_-]{22}$/)
    t.match(keys.secret(name), /:secret:[A-Za-z0-9_-]{22}$/)
  }
  t.not(keys.limit('a', 60), keys.limit('b', 60))
})

for (const namespace of ['', 'a.b', 'a}b', 'a b', 'x'.repeat(65)]) {
  t.test(`the namespace "${namespace.slice(0, 10)}" is refused`, async t => {
    t.throws(() => createStateKeys('sandbox', namespace), TypeError)
  })
}

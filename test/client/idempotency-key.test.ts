import t from 'tap'
import { createKeySource } from '../../src/client/idempotency-key.ts'

t.test('the platform’s randomUUID is used, as a method of its own', async t => {
  const source = {
    id: 'of the platform',
    randomUUID() {
      return this.id
    },
    getRandomValues: () => t.fail('not needed'),
  }
  t.equal(createKeySource(source)(), 'of the platform')
})

for (const [octet, uuid] of [
  [0x00, '00000000-0000-4000-8000-000000000000'],
  [0xff, 'ffffffff-ffff-4fff-bfff-ffffffffffff'],
  [0x1a, '1a1a1a1a-1a1a-4a1a-9a1a-1a1a1a1a1a1a'],
] as const) {
  t.test(`sixteen random octets ${octet} become ${uuid}`, async t => {
    t.equal(createKeySource({ getRandomValues: octets => octets.fill(octet) })(), uuid)
  })
}

t.test('the octets of a UUID stand in their order', async t => {
  const source = {
    getRandomValues: (octets: Uint8Array) => octets.set(Array.from({ length: 16 }, (_, index) => index)),
  }
  t.equal(createKeySource(source)(), '00010203-0405-4607-8809-0a0b0c0d0e0f')
})

t.test('by default two keys differ', async t => {
  const newKey = createKeySource()
  t.match(newKey(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  t.not(newKey(), newKey())
})

t.test('without any source of random values the option for one is asked for', async t => {
  t.throws(() => createKeySource({}), { name: 'TypeError', message: /^randomKey: is required/ })
})

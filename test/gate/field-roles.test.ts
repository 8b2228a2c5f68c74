import t from 'tap'
import { knownField } from '../../src/gate/field-roles.ts'
import { credentialFields } from '../fixtures/verdict-cases.ts'

const roles: readonly (readonly [name: string, role: string, isRemoved: boolean, isOnce: boolean])[] = [
  ['Authorization', 'authorization', false, false],
  ['HOST', 'host', true, true],
  ['Content-Length', 'content-length', false, true],
  ['Transfer-Encoding', 'transfer-encoding', true, true],
  ['Connection', 'connection', true, false],
  ['Upgrade', 'upgrade', true, false],
  ['HTTP2-Settings', 'upgrade', true, false],
  ['Expect', 'expect', true, true],
  ['Origin', 'origin', false, true],
  ['Access-Control-Request-Method', 'preflight', false, true],
  ['Merchant-Account', 'merchant-account', false, true],
  ['Traceparent', 'traceparent', true, false],
  ['Cookie', 'cookie', true, false],
  ['X-Forage-Android-SDK-Version', 'sdk-version', false, true],
  ['X-Forage-iOS-SDK-Version', 'sdk-version', false, true],
  ['API-VERSION', 'single', false, true],
  ['IDEMPOTENCY-KEY', 'single', false, true],
  ['Content-Type', 'single', false, true],
  ['Content-Encoding', 'single', false, true],
  ['Client-Secret', 'client-credential', false, false],
  ['X-Forwarded-Anything', 'other', true, false],
  ['X-Datadog-Trace-Id', 'datadog-trace-id', false, false],
  ['x-datadog-parent-id', 'datadog-parent-id', false, false],
  ['X-Datadog-Sampling-Priority', 'datadog-sampling-priority', false, false],
  ['X-Datadog-Tags', 'datadog-tags', false, false],
  ['X-Datadog-Origin', 'other', false, false],
  ['Accept', 'other', false, false],
  ['constructor', 'other', false, false],
]
for (const [spelling, role, isRemoved, isOnce] of roles) {
  t.test(`${spelling} is ${role}${isRemoved ? ', stops here' : ''}${isOnce ? ', comes once' : ''}`, async t => {
    const field = knownField(spelling)
    t.match(field, { name: spelling.toLowerCase(), role, isRemoved })
    t.equal(field?.onceBit !== 0, isOnce)
  })
}

for (const name of credentialFields) {
  t.test(`${name} is a credential, in any case`, async t => {
    t.equal(knownField(name)?.role, 'credential')
    t.equal(knownField(name.toUpperCase())?.role, 'credential')
  })
}

t.test('no two fields share the bit by which a second line is noticed', async t => {
  const bits = roles.map(([name]) => knownField(name)?.onceBit ?? 0).filter(bit => bit !== 0)
  t.equal(new Set(bits).size, bits.length)
  for (const bit of bits) t.equal(bit & (bit - 1), 0, 'one bit')
})

for (const name of ['', 'a b', 'a:b', 'a_b', '_', 'a\n', '\0', 'é', 'a,b', 'a(b', '"a"', 'a/b', '[a]', '{a}', 'a@b']) {
  t.test(`${JSON.stringify(name)} is no field name that is let in`, async t => t.equal(knownField(name), undefined))
}

t.test("every other character of RFC 9110's token is let in", async t => {
  const name = "!#$%&'*+-.^`|~09AZaz"
  t.equal(knownField(name)?.name, "!#$%&'*+-.^`|~09azaz")
})

t.test('a flood of names neither changes what is known nor what is learned', async t => {
  for (let index = 0; index < 5000; index++) knownField(`X-Flood-${index}`)
  t.match(knownField('X-Session-Token'), { role: 'credential' })
  t.match(knownField('x-SESSION-tOKEN'), { role: 'credential' })
  t.match(knownField('hOsT'), { name: 'host', role: 'host', isRemoved: true })
  t.match(knownField(`X-${'a'.repeat(5000)}`), { role: 'other' })
})

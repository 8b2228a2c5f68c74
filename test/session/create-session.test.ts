import t from 'tap'
import { createSession } from '../../src/session/create-session.ts'
import type { ParsedToken } from '../../src/session/parsed-token.ts'
import type { Provenance, Session } from '../../src/session/session.ts'

const facts = { environment: 'sandbox', scopeClaim: 'scope', fingerprintKey: Buffer.alloc(32, 7) } as const
const times = { issuedAt: 5, notBefore: undefined, expiresAt: 10 }

function parsed(claims: object, signedText = 'a.b'): ParsedToken {
  const signature = Buffer.from('signature')
  return {
    format: 'jwt',
    signedText,
    signature,
    header: {},
    claims: claims as ParsedToken['claims'],
    issuedAt: undefined,
  }
}

const made = (claims: object, provenance?: Provenance) =>
  createSession(parsed(claims), times, facts, provenance) as Session

t.test('a session says what its token proved, and holds no part of its text', async t => {
  const session = made({ a: 42, t: 7, sk: 'secret' })
  t.match(session, { format: 'jwt', environment: 'sandbox', issuedAt: 5, expiresAt: 10, tenant: 7 })
  t.equal(session.narrowedTo, undefined)
  t.notMatch(JSON.stringify(session), /secret|signature|a\.b/)
})

for (const tenant of [undefined, null, '7', 7.5, {}, 2 ** 53]) {
  t.test(`the tenant ${JSON.stringify(tenant)} is none`, async t => t.equal(made({ t: tenant }).tenant, undefined))
}

const scopes: readonly (readonly [claim: string, scopes: readonly string[]])[] = [
  ['a', ['a']],
  ['a b', ['a', 'b']],
  ['', ['']],
  ['a  b', ['a', '', 'b']],
  ['a\tb', ['a\tb']],
]
for (const [claim, expected] of scopes) {
  t.test(`the scope claim ${JSON.stringify(claim)} narrows to ${JSON.stringify(expected)}`, async t => {
    t.same([...(made({ scope: claim }).narrowedTo ?? [])], expected)
  })
}

for (const claim of [null, 1, true, ['a'], { a: 1 }]) {
  t.test(`the scope claim ${JSON.stringify(claim)} is not valid, which is not the same as absent`, async t => {
    t.same(createSession(parsed({ scope: claim }), times, facts), { reason: 'claims_invalid' })
  })
}

t.test('a policy that names no claim is narrowed by none', async t => {
  const session = createSession(parsed({ scope: ['a'] }), times, { ...facts, scopeClaim: null }) as Session
  t.equal(session.narrowedTo, undefined)
})

t.test('a claim of the prototype is absent', async t => {
  const session = createSession(parsed({}), times, { ...facts, scopeClaim: 'constructor' }) as Session
  t.equal(session.narrowedTo, undefined)
})

t.test('what is on record narrows as well, and the two together to what stands in both', async t => {
  const record = { recordedAt: 1, useCase: 'x', scopes: ['a', 'b'], merchantAccount: undefined, parent: undefined }
  t.same(made({}, record).narrowedTo, new Set(['a', 'b']))
  t.same(made({ scope: 'b c' }, record).narrowedTo, new Set(['b']))
  t.same(made({ scope: 'c' }, record).narrowedTo, new Set())
  t.same(made({ scope: 'c' }, { ...record, scopes: undefined }).narrowedTo, new Set(['c']))
  t.same(made({}, { ...record, scopes: [] }).narrowedTo, new Set())
  t.equal(made({}, record).provenance, record)
})

t.test('the fingerprint is 16 characters, the same for one token, and another under another key', async t => {
  const first = made({ a: 1 }).fingerprint
  t.match(first, /^[A-Za-z0-9_-]{16}$/)
  t.equal(made({ a: 1 }).fingerprint, first)
  const otherKey = { ...facts, fingerprintKey: Buffer.alloc(32, 8) }
  t.not((createSession(parsed({ a: 1 }), times, otherKey) as Session).fingerprint, first)
  t.not((createSession(parsed({ a: 1 }, 'a.c'), times, facts) as Session).fingerprint, first)
})

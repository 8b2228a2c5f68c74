import t from 'tap'
import { judgeSignIn, parseSignInToken, readSignIn } from '../../src/issuing/sign-in-token.ts'
import { base64urlJson, createJwtSigner } from '../fixtures/jwt-signer.ts'

const signer = createJwtSigner('ES256')
const token = (header?: object | string, claims?: object | string) =>
  signer.token({ prefix: '', ...(header !== undefined && { header }), ...(claims !== undefined && { claims }) })
const plain = token()
const [header = '', claims = '', signature = ''] = plain.split('.')

for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+jwt', 'application/JWT']) {
  t.test(`a token of type ${typ} is taken apart`, async t => {
    t.match(parseSignInToken(token({ alg: 'ES256', typ })), { format: 'jwt', header: { typ }, claims: { a: 42 } })
  })
}

t.test('a token that names no type is taken apart', async t => {
  const parsed = parseSignInToken(token({ alg: 'ES256', kid: 'k' }))
  t.match(parsed, { header: { kid: 'k' }, issuedAt: undefined })
  t.equal(parsed?.signature.length, 64)
})

const refused: readonly (readonly [what: string, text: string])[] = [
  ['nothing', ''],
  ['one part', 'abc'],
  ['two parts', `${header}.${claims}`],
  ['no signature', `${header}.${claims}.`],
  ['four parts', `${plain}.a`],
  ['five parts, as encrypted ones have', `${plain}.a.b`],
  ['padding', `${plain}=`],
  ['white space', `${header} .${claims}.${signature}`],
  ['a line end', `${plain}\n`],
  ['the other alphabet', `${header}.${claims}.${'+'.repeat(86)}`],
  ['a header that is no object', `${base64urlJson('[]')}.${claims}.${signature}`],
  ['claims that are no object', `${header}.${base64urlJson('"a"')}.${signature}`],
  ['claims that stand twice', token(undefined, '{"sub":"a","sub":"b"}')],
  ['a type of its own', token({ alg: 'ES256', typ: 'logout+jwt' })],
  ['a type that is no text', token({ alg: 'ES256', typ: 1 })],
  ['an extension that must be understood', token({ alg: 'ES256', crit: ['b64'], b64: false })],
  ['compression', token({ alg: 'ES256', zip: 'DEF' })],
  ['encryption', token({ alg: 'dir', enc: 'A128GCM' })],
]
for (const [what, text] of refused) {
  t.test(`a token with ${what} is not taken apart`, async t => t.equal(parseSignInToken(text), undefined))
}

const rules = { issuer: 'https://login.example', audience: 'gateway', customerClaim: 'sub' }
const good = { iss: 'https://login.example', aud: 'gateway', sub: 'customer-1', exp: 2000 }

t.test('who signed in, and for how long', async t => {
  t.same(readSignIn(good, rules), { customer: 'customer-1', notBefore: 0, expiresAt: 2000 })
  const later = { ...good, aud: ['shop', 'gateway'], nbf: 100, iat: 50 }
  t.same(readSignIn(later, rules), { customer: 'customer-1', notBefore: 100, expiresAt: 2000 })
  t.match(readSignIn({ ...good, nbf: 100, iat: 150 }, rules), { notBefore: 150 })
  t.match(readSignIn({ ...good, cid: 'c' }, { ...rules, customerClaim: 'cid' }), { customer: 'c' })
})

const unfit: readonly (readonly [change: object, fault: string])[] = [
  [{ iss: 'https://login.example/' }, 'issuer'],
  [{ iss: ['https://login.example'] }, 'issuer'],
  [{ iss: undefined }, 'issuer'],
  [{ aud: 'Gateway' }, 'audience'],
  [{ aud: [] }, 'audience'],
  [{ aud: [['gateway']] }, 'audience'],
  [{ aud: { gateway: true } }, 'audience'],
  [{ aud: undefined }, 'audience'],
  [{ exp: undefined }, 'times_invalid'],
  [{ exp: '2000' }, 'times_invalid'],
  [{ exp: 2000.5 }, 'times_invalid'],
  [{ exp: Number.POSITIVE_INFINITY }, 'times_invalid'],
  [{ nbf: '1' }, 'times_invalid'],
  [{ iat: null }, 'times_invalid'],
  [{ sub: undefined }, 'customer_missing'],
  [{ sub: '' }, 'customer_missing'],
  [{ sub: 42 }, 'customer_missing'],
  [{ sub: ['customer-1'] }, 'customer_missing'],
  [{ sub: 'x'.repeat(257) }, 'customer_missing'],
]
for (const [change, fault] of unfit) {
  t.test(`a sign-in with ${JSON.stringify(change).slice(0, 60)} is refused: ${fault}`, async t => {
    t.equal(readSignIn({ ...good, ...change }, rules), fault)
  })
}

t.test('a customer of 256 characters is the longest; a member that every object has names none', async t => {
  t.match(readSignIn({ ...good, sub: 'x'.repeat(256) }, rules), { customer: 'x'.repeat(256) })
  t.equal(readSignIn(good, { ...rules, customerClaim: 'constructor' }), 'customer_missing')
})

for (const [now, fault] of [
  [94, 'not_yet_valid'],
  [95, undefined],
  [2004, undefined],
  [2005, 'expired'],
] as const) {
  t.test(`from 100 to 2000, with a tolerance of 5 s, a sign-in is ${fault ?? 'fine'} at ${now}`, async t => {
    t.equal(judgeSignIn({ notBefore: 100, expiresAt: 2000 }, now, 5), fault)
  })
}

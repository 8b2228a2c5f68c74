import t from 'tap'
import { isJoseHeader, parseJoseHeader, parseJwt } from '../../src/session/parse-jwt.ts'

const encode = (text: string) => Buffer.from(text).toString('base64url')
const signature = Buffer.from('signature')
const header = encode('{"typ":"JWT","alg":"HS256"}')
const claims = encode('{"a":42,"exp":1676986835}')

t.test('a JWT is its header, its claims, and the text that is signed', async t => {
  t.same(parseJwt(header, claims, signature), {
    format: 'jwt',
    signedText: 'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJhIjo0MiwiZXhwIjoxNjc2OTg2ODM1fQ',
    signature,
    header: { typ: 'JWT', alg: 'HS256' },
    claims: { a: 42, exp: 1_676_986_835 },
    issuedAt: undefined,
  })
})

for (const accepted of [
  '{"alg":"HS256"}',
  '{"alg":"HS256","typ":"jwt"}',
  '{"alg":"HS256","kid":"a","jku":"https://a"}',
]) {
  t.test(`the header ${accepted} is read`, async t => {
    t.match(parseJwt(encode(accepted), claims, signature), { format: 'jwt', header: { alg: 'HS256' } })
  })
}

const refusedHeaders: readonly (readonly [header: string, reason: string])[] = [
  ['{"alg":"HS256","crit":["exp"]}', 'token_malformed'],
  ['{"alg":"HS256","crit":null}', 'token_malformed'],
  ['{"alg":"HS256","b64":false}', 'token_malformed'],
  ['{"alg":"HS256","b64":true}', 'token_malformed'],
  ['{"alg":"HS256","zip":"DEF"}', 'token_malformed'],
  ['{"alg":"dir","enc":"A128GCM"}', 'token_malformed'],
  ['{"alg":"HS256","typ":"at+jwt"}', 'token_malformed'],
  ['{"alg":"HS256","typ":""}', 'token_malformed'],
  ['{"alg":"HS256","typ":null}', 'token_malformed'],
  ['{"alg":"HS256","typ":["JWT"]}', 'token_malformed'],
  ['{"alg":"HS256","alg":"HS256"}', 'token_not_canonical'],
  ['{"alg":"HS256","\\u0063rit":["exp"]}', 'token_malformed'],
  ['["alg"]', 'token_malformed'],
  ['"alg"', 'token_malformed'],
  ['{"alg":', 'token_malformed'],
]
for (const [text, reason] of refusedHeaders) {
  t.test(`the header ${text} is refused as ${reason}`, async t => {
    t.same(parseJwt(encode(text), claims, signature), { reason })
  })
}

const refusedParts: readonly (readonly [what: string, header: string, claims: string, reason: string])[] = [
  ['a padded header', `${encode('{"alg":"HS256" }')}=`, claims, 'token_not_canonical'],
  ['a header with a space', `${header} `, claims, 'token_not_canonical'],
  ['padded claims', header, `${encode('{"exp":1}')}==`, 'token_not_canonical'],
  ['claims with a plus sign', header, `+${claims}`, 'token_not_canonical'],
  ['claims with a foreign character', header, `${claims}!`, 'token_malformed'],
  ['empty claims', header, '', 'token_malformed'],
  ['claims that are a list', header, encode('[]'), 'token_malformed'],
  ['claims with a doubled member', header, encode('{"exp":1,"exp":2}'), 'token_not_canonical'],
  ['claims that are not UTF-8', header, Buffer.from('7b22ff223a317d', 'hex').toString('base64url'), 'token_malformed'],
]
for (const [what, first, second, reason] of refusedParts) {
  t.test(`${what} is refused as ${reason}`, async t => t.same(parseJwt(first, second, signature), { reason }))
}

t.test('a header that was read before stands for no other, and its token has the claims of its own', async t => {
  const other = encode('{"typ":"JWT","alg":"HS384"}')
  for (const [first, alg] of [
    [header, 'HS256'],
    [header, 'HS256'],
    [other, 'HS384'],
    [header, 'HS256'],
  ] as const)
    t.match(parseJwt(first, claims, signature), { header: { alg } })
  t.match(parseJwt(header, encode('{"a":43}'), signature), { claims: { a: 43 } })
  t.same(parseJwt(`${header}=`, claims, signature), { reason: 'token_not_canonical' })
  t.same(parseJwt(header.slice(0, -4), claims, signature), { reason: 'token_malformed' })
})

t.test('a first part is a JOSE header where it has "alg" and no padding, also when it was read before', async t => {
  const unnamed = encode('{"a":1}')
  const padded = `${encode('{"alg":"HS256" }')}=`
  t.match(parseJwt(header, claims, signature), { format: 'jwt' })
  for (const [text, isOne] of [
    [header, true],
    [encode('{"alg":1}'), true],
    [unnamed, false],
    [padded, false],
  ] as const)
    t.equal(isJoseHeader(text), isOne, text)
  // Without `alg` it is a payload of the other format, whoever asked about it first.
  t.match(parseJoseHeader(unnamed), { object: { a: 1 } })
  t.equal(isJoseHeader(unnamed), false)
})

import t from 'tap'
import { environments } from '../../src/forage/environments.ts'
import { maxTokenLength, parseToken } from '../../src/session/parse-token.ts'
import { aTimestampedToken, paddedBase64url } from '../fixtures/timestamped-token.ts'
import { anAuthenticationToken, aToken } from '../fixtures/token.ts'

const token = aToken()
const timestamped = aTimestampedToken()
const body = token.slice('sandbox_'.length)

t.test('both formats are told apart by their first part', async t => {
  t.match(parseToken(token, 'sandbox'), { format: 'jwt', claims: { a: 42 } })
  t.match(parseToken(timestamped, 'sandbox'), { format: 'timestamped', issuedAt: 1_752_677_199 })
})

t.test('the prefix is not part of what is signed', async t => {
  const parsed = parseToken(token, 'sandbox')
  t.equal('signedText' in parsed && token.startsWith(`sandbox_${parsed.signedText}.`), true)
})

for (const environment of environments) {
  t.test(`a token of ${environment} is read there and nowhere else`, async t => {
    const text = aToken({ prefix: `${environment}_` })
    for (const here of environments) {
      t.match(parseToken(text, here), here === environment ? { format: 'jwt' } : { reason: 'environment_mismatch' })
    }
  })
}

const refused: readonly (readonly [what: string, text: string, reason: string])[] = [
  ['nothing', '', 'token_malformed'],
  ['the prefix alone', 'sandbox_', 'token_malformed'],
  ['an authentication token', anAuthenticationToken(), 'token_malformed'],
  ['an authentication token of another environment', anAuthenticationToken('prod'), 'environment_mismatch'],
  ['a token without a prefix', body, 'token_malformed'],
  ['a token whose prefix has another separator', `sandbox-${body}`, 'token_malformed'],
  ['a token with an empty prefix', `_${body}`, 'token_malformed'],
  ['a token of an unknown environment', `test_${body}`, 'token_malformed'],
  ['a token with its prefix in capitals', `SANDBOX_${body}`, 'environment_mismatch'],
  ['a token with its prefix in mixed case', `Sandbox_${body}`, 'environment_mismatch'],
  ['a token with white space before it', ` ${token}`, 'token_malformed'],
  ['a token with a prefix twice', `sandbox_${token}`, 'token_malformed'],
  ['a token with another prefix within its own', `sandbox_prod_${body}`, 'token_malformed'],
  ['a token with a capital prefix within its own', `sandbox_PROD_${body}`, 'token_malformed'],
  ['a token of one part', 'sandbox_abc', 'token_malformed'],
  ['a token of two parts', 'sandbox_abc.def', 'token_malformed'],
  ['a token of four parts', `${token}.AAAA`, 'token_malformed'],
  ['a token of five parts', `${token}.AAAA.AAAA`, 'token_malformed'],
  ['a token with a dot at its end', `${token}.`, 'token_malformed'],
  ['a token with a dot at its start', `sandbox_.${body}`, 'token_malformed'],
  ['a token without its signature', token.slice(0, token.lastIndexOf('.') + 1), 'token_malformed'],
  ['a token with a line end behind it', `${token}\n`, 'token_not_canonical'],
  ['a token with a padded signature', `${token}=`, 'token_not_canonical'],
  ['a token with a percent sign', `${token}%3D`, 'token_malformed'],
  [
    'a token whose escaped header hides its algorithm',
    aToken({ header: '{"\\u0061lg":"HS256"}' }),
    'token_not_canonical',
  ],
  ['the same, where no padding gives it away', aToken({ header: '{"\\u0061lg":"HS256" }' }), 'token_malformed'],
  ['a JWT with a padded header', withHeader(paddedBase64url('{"alg":"HS256" }')), 'token_malformed'],
  ['a timestamped token whose padding is cut', timestamped.replace('=.', '.'), 'token_not_canonical'],
]
for (const [what, text, reason] of refused) {
  t.test(`${what} is refused as ${reason}`, async t => t.same(parseToken(text, 'sandbox'), { reason }))
}

t.test('a token of 8192 characters is read, and one of 8193 is not', async t => {
  t.equal(maxTokenLength, 8192)
  const text = longToken(8192)
  t.equal(text.length, 8192)
  t.match(parseToken(text, 'sandbox'), { format: 'jwt' })
  t.same(parseToken(longToken(8193), 'sandbox'), { reason: 'token_malformed' })
})

/** Longest hostile texts that fit a header section, each of another kind of cost. */
const hostile: readonly (readonly [what: string, text: string])[] = [
  ['dots', `sandbox_${'a.'.repeat(8000)}`],
  ['dots within the length', `sandbox_${'a.'.repeat(4000)}`],
  ['underscores', 'sandbox_'.repeat(1000)],
  ['prefixes', 'dev_'.repeat(2000)],
  ['padding', `sandbox_${'='.repeat(8000)}.a.AAAA`],
  ['open brackets', jsonToken('['.repeat(5900))],
  ['open objects', jsonToken('{"a":'.repeat(1180))],
  ['nested objects', jsonToken(`${'{"a":'.repeat(900)}1${'}'.repeat(900)}`)],
  ['nested lists', jsonToken(`{"a":${'['.repeat(2900)}${']'.repeat(2900)}}`)],
  ['backslashes', jsonToken(`{"a":"${'\\\\'.repeat(2900)}"}`)],
  ['backslashes without an end', jsonToken(`{"a":"${'\\'.repeat(5801)}`)],
  ['quotation marks', jsonToken('"'.repeat(5900))],
  ['many members', jsonToken(`{${Array.from({ length: 600 }, (_, index) => `"${index}":0`).join(',')}}`)],
  ['integer-like names', jsonToken(`{${Array.from({ length: 400 }, (_, index) => `"${index * 4096}":0`).join(',')}}`)],
  ['a long number', jsonToken(`{"exp":${'9'.repeat(5800)}}`)],
  ['16 KiB of one letter', `sandbox_${'A'.repeat(16_376)}`],
]
for (const [what, text] of hostile) {
  t.test(`a hostile text of ${what} is answered`, async t => {
    const outcome = parseToken(text, 'sandbox')
    t.ok('reason' in outcome || outcome.format === 'jwt')
  })
}

function withHeader(header: string): string {
  return `sandbox_${header}.${body.slice(body.indexOf('.') + 1)}`
}

function jsonToken(claims: string): string {
  return aToken({ claims })
}

/** A token of exactly this length: its claims hold a text, its signature takes up the rest. */
function longToken(length: number): string {
  const fixed = 'sandbox_eyJhbGciOiJIUzI1NiJ9.e30.'
  // A base64url text of 4n, 4n + 2 or 4n + 3 characters of "A" is canonical.
  return fixed + 'A'.repeat(length - fixed.length)
}

import t from 'tap'
import { environments } from '../../src/forage/environments.ts'
import { findTokens } from '../../src/scan/find-tokens.ts'
import { mintJwt, mintTimestamped } from '../../src/simulator/session-token.ts'
import { drawn, issuedAt, now, plantedTokens } from './planted.ts'

const find = (text: string, at = now) => findTokens({ text, from: 0, to: text.length, now: at })
const kinds = (text: string) => find(text).map(({ kind }) => kind)
const { authentication, jwt, timestamped } = plantedTokens()
const [, head = '', claims = '', signature = ''] = /^sandbox_(.*)\.(.*)\.(.*)$/.exec(jwt) ?? []

for (const environment of environments) {
  t.test(`tokens of ${environment} are found, in any case of its name`, async t => {
    for (const name of [environment, environment.toUpperCase()]) {
      for (const [kind, token] of [
        ['authentication_token', `${name}_${drawn(30)}`],
        ['session_token_jwt', `${name}_${head}.${claims}.${signature}`],
        ['session_token_timestamped', timestamped.replace('sandbox', name)],
      ] as const)
        t.match(find(`token: ${token}!`), [{ kind, environment, start: 7, end: 7 + token.length, isExpired: false }])
    }
  })
}

const around: readonly (readonly [before: string, after: string])[] = [
  ['', ''],
  ['"', '"'],
  ["'", "',"],
  ['Bearer ', '\r\n'],
  ['?token=', '&x=1'],
  ['<b>', '</b>'],
  ['x_', ''],
  ['x-', ' '],
  ['"line\\n', '\\n"'],
  ['"a\\t', '"'],
  ['token%3D', '%26'],
  ['token%3d', ''],
  ['\\u003d', '\\u0026'],
  ['\\x3d', ''],
  ['\xe9', '\xe9'],
  ['', '.'],
  ['', '. And so on.'],
]
for (const [before, after] of around) {
  t.test(`between ${JSON.stringify(before)} and ${JSON.stringify(after)} a token is found whole`, async t => {
    for (const token of [authentication, jwt, timestamped])
      t.match(find(`${before}${token}${after}`), [{ start: before.length, end: before.length + token.length }])
  })
}

const nothing: readonly (readonly [what: string, text: string])[] = [
  ['nothing', ''],
  ['a placeholder', 'sandbox_xxx'],
  ['a long placeholder', `sandbox_${'x'.repeat(30)}`],
  ['a placeholder in brackets', 'sandbox_<token>'],
  ['an ellipsis', 'sandbox_eyJ0eXAiOiJKV1Qi…'],
  ['a word', 'sandbox_environment_configuration'],
  ['an identifier of 30 letters', 'dev_getUserAccountInformationLists'],
  ['an alphabet', 'prod_abcdefghijklmnopqrstuvwxyz0123'],
  ['a SHA-1 sum', 'prod_2fd4e1c67a2d28fced849ee1bb76e7391b93eb12'],
  ['30 digits of a hash', 'prod_2fd4e1c67a2d28fced849ee1bb76e7'],
  ['29 characters', authentication.slice(0, -1)],
  ['31 characters', `${authentication}x`],
  ['an underscore behind', `${authentication}_x`],
  ['a hyphen behind', `${authentication}-x`],
  ['a letter before', `x${authentication}`],
  ['a digit before', `0${authentication}`],
  ['another environment', authentication.replace('sandbox', 'qa')],
  ['no environment', authentication.slice('sandbox'.length)],
  ['a hyphen for the underscore', authentication.replace('_', '-')],
  ['a JWT that is not Forage’s', `${head}.${claims}.${signature}`],
  ['a JWT without its signature', `sandbox_${head}.${claims}`],
  ['a JWT with an empty signature', `sandbox_${head}.${claims}.`],
  ['a JWT with a word for its signature', `sandbox_${head}.${claims}.signature`],
  ['a JWT with a placeholder for its signature', `sandbox_${head}.${claims}.${'A'.repeat(43)}`],
  ['a JWT whose header is no JSON', `sandbox_${head.slice(0, -2)}.${claims}.${signature}`],
  ['a JWT whose claims are no JSON', `sandbox_${head}.${claims.slice(1)}.${signature}`],
  ['a JWT whose claims are a number', `sandbox_${head}.MTIz.${signature}`],
  ['a timestamped token with a word for its time', timestamped.replace(/\.[^.]+\./, '.timestamp-of-it.')],
  ['a timestamped token whose time has no octet', timestamped.replace(/\.[^.]+\./, '.A.')],
  ['letters that only look like an environment', `\u017fandbox_${drawn(30)}`],
]
for (const [what, text] of nothing) t.test(`in ${what} there is no token`, async t => t.same(find(text), []))

t.test('a session token with padding, or with another spelling of its signature, is a leak too', async t => {
  const padded = `sandbox_${claims}==.aHe7Tw.${signature}`
  t.match(find(padded), [{ kind: 'session_token_timestamped', end: padded.length }])
  t.same(kinds(`${jwt}=`), ['session_token_jwt'])
  t.same(kinds(`sandbox_${head}=.${claims}.${signature}`), ['session_token_jwt'])
})

t.test('a JWT is expired in the very second of its end', async t => {
  const token = mintJwt('prod', { exp: 2000 }, 'x')
  t.equal(find(token, 1999)[0]?.isExpired, false)
  t.equal(find(token, 2000)[0]?.isExpired, true)
})

t.test('a JWT that does not say when it ends is never expired', async t => {
  t.equal(find(mintJwt('prod', { a: 1 }, 'x'))[0]?.isExpired, false)
})

t.test('a timestamped token is expired 900 seconds after its issue', async t => {
  t.equal(find(timestamped, issuedAt + 899)[0]?.isExpired, false)
  t.equal(find(timestamped, issuedAt + 900)[0]?.isExpired, true)
})

t.test('the environment and four characters are shown, and nothing of the rest', async t => {
  t.equal(find(authentication)[0]?.masked, `${authentication.slice(0, 12)}…`)
  t.equal(find(authentication.replace('sandbox', 'SANDBOX'))[0]?.masked, `${authentication.slice(0, 12)}…`)
  t.equal(find(jwt)[0]?.masked, 'sandbox_eyJ0…')
  t.equal(find(timestamped)[0]?.masked, 'sandbox_eyJh…')
})

t.test('tokens in a row are found one by one', async t => {
  t.same(kinds(`${authentication} ${jwt},${timestamped}\n${authentication}`), [
    'authentication_token',
    'session_token_jwt',
    'session_token_timestamped',
    'authentication_token',
  ])
})

t.test('a token behind the beginnings of three others is found, and cannot be hidden by more', async t => {
  t.same(kinds(`${'dev_eyJ-'.repeat(3)}${jwt}`), ['session_token_jwt'])
  t.same(kinds(`${'dev_eyJ-'.repeat(9)} ${jwt}`), ['session_token_jwt'])
})

t.test('a token of 8192 characters is found, a longer one is none', async t => {
  const sized = (length: number): string => {
    const rest = length - mintTimestamped('prod', { a: '' }, issuedAt, 'x').length
    return mintTimestamped('prod', { a: 'x'.repeat(Math.floor((rest / 4) * 3)) }, issuedAt, 'x')
  }
  const longest = sized(8192)
  t.ok(longest.length > 8180 && longest.length <= 8192, String(longest.length))
  t.same(kinds(longest), ['session_token_timestamped'])
  t.same(kinds(sized(8200)), [])
})

t.test('a token belongs to the part of the text in which it begins', async t => {
  const text = `x ${authentication} y`
  for (const [from, to, count] of [
    [0, 2, 0],
    [0, 3, 1],
    [2, 3, 1],
    [3, text.length, 0],
  ] as const)
    t.equal(findTokens({ text, from, to, now }).length, count, `${from} to ${to}`)
})

import t from 'tap'
import { environments } from '../../src/forage/environments.ts'
import { gitleaksRules, toGitleaksConfig } from '../../src/scan/gitleaks-rules.ts'
import { basic, drawn, plantedTokens } from './planted.ts'

/** What gitleaks does with a rule: a keyword, the expression, the entropy of the group. */
function matches(text: string): string[] {
  const found: string[] = []
  for (const { id, regex, secretGroup, entropy, keywords } of gitleaksRules) {
    if (!keywords.some(keyword => text.toLowerCase().includes(keyword))) continue
    // `(?i)` at the beginning is the flag of RE2.
    t.ok(regex.startsWith('(?i)'))
    const secret = new RegExp(regex.slice('(?i)'.length), 'i').exec(text)?.[secretGroup]
    if (secret !== undefined && bitsPerCharacter(secret) > entropy) found.push(`${id} ${secret}`)
  }
  return found
}

function bitsPerCharacter(text: string): number {
  const shares = [...new Set(text)].map(one => text.split(one).length - 1).map(count => count / text.length)
  return shares.reduce((sum, share) => sum - share * Math.log2(share), 0)
}

const { authentication, jwt, timestamped } = plantedTokens()
const secret = drawn(128)
const encoded = basic(drawn(40), secret)

const leaks: readonly (readonly [text: string, found: string])[] = [
  ...environments.flatMap(name =>
    [name, name.toUpperCase()].map(one => {
      const token = `${one}_${drawn(30)}`
      return [`a="${token}"`, `forage-authentication-token ${token}`] as const
    }),
  ),
  [authentication, `forage-authentication-token ${authentication}`],
  [`x_${authentication}.`, `forage-authentication-token ${authentication}`],
  [jwt, `forage-session-token ${jwt}`],
  [`Bearer ${jwt}\n`, `forage-session-token ${jwt}`],
  [`"${timestamped}"`, `forage-session-token ${timestamped}`],
  [`client_secret=${secret}`, `forage-client-secret ${secret}`],
  [`FORAGE_CLIENT_SECRET_PROD: "${secret}"`, `forage-client-secret ${secret}`],
  [`"clientSecret": "${secret}",`, `forage-client-secret ${secret}`],
  [`<client_secret>${secret}</client_secret>`, `forage-client-secret ${secret}`],
  [`POST /o/token/\nAuthorization: Basic ${encoded}\n`, `forage-client-credentials ${encoded}`],
  [`https://api.joinforage.app -H 'authorization: basic ${encoded}'`, `forage-client-credentials ${encoded}`],
]
for (const [text, found] of leaks) {
  const what = `${found.split(' ')[0]} in ${JSON.stringify(text.slice(0, 12))}…`
  t.test(`gitleaks finds ${what}`, async t => t.same(matches(text), [found]))
}

const innocent: readonly string[] = [
  '',
  'sandbox_xxx',
  'sandbox_<token>',
  `sandbox_${'x'.repeat(30)}`,
  'sandbox_environment_configuration_of_the_shop',
  'prod_2fd4e1c67a2d28fced849ee1bb76e7391b93eb12',
  'prod_2fd4e1c67a2d28fced849ee1bb76e7',
  authentication.slice(0, -1),
  `${authentication}x`,
  `${authentication}_`,
  `x${authentication}`,
  `x${jwt}`,
  jwt.slice('sandbox_'.length),
  jwt.slice(0, jwt.lastIndexOf('.')),
  'client_secret: put-your-own-client-secret-here',
  'clientSecret: process.env.FORAGE_CLIENT_SECRET',
  'client_secret: 9e107d9d372bb6826bd81d3542a419d6',
  `client_id=${drawn(40)}`,
  `Authorization: Basic ${encoded}`,
]
for (const text of innocent)
  t.test(`gitleaks finds nothing in ${JSON.stringify(text.slice(0, 50))}`, async t => t.same(matches(text), []))

t.test('the expressions use nothing that RE2 does not have', async t => {
  for (const { id, regex } of gitleaksRules) {
    t.notMatch(regex, /\(\?[=!<]/, `${id}: look-around`)
    t.notMatch(regex, /\\[1-9]|\\k</, `${id}: back reference`)
    t.notMatch(regex, /[*+?}]\+/, `${id}: possessive quantifier`)
    const repeats = [...regex.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].flatMap(([, least, most]) => [
      Number(least),
      Number(most),
    ])
    t.ok(
      repeats.every(count => Number.isNaN(count) || count <= 1000),
      `${id}: more than 1000 repeats`,
    )
  }
})

t.test('the configuration is TOML that says the rules, letter by letter', async t => {
  const config = toGitleaksConfig()
  t.match(config, /^# Rules[^\n]*\n(?:#[^\n]*\n)+title = "Forage credentials"\n\n\[extend\]\nuseDefault = true\n/)
  const rule =
    /\n\[\[rules\]\]\nid = "([a-z-]+)"\ndescription = "[^"\\\n]+"\nregex = '''([^\n]+)'''\nsecretGroup = 1\nentropy = \d\.\d\nkeywords = \["[^\n]+"\]\n/g
  const written = [...config.matchAll(rule)].map(([, id, regex]) => [id, regex])
  t.same(
    written,
    gitleaksRules.map(({ id, regex }) => [id, regex]),
  )
  t.equal(config.replace(rule, '').split('\n').length, 8)
  // A literal text of TOML ends at the first three quotes, and knows no escape.
  for (const { regex } of gitleaksRules) t.notMatch(regex, "'''")
})

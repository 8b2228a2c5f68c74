import t from 'tap'
import { findClientSecrets } from '../../src/scan/find-client-secrets.ts'
import { drawn, now } from './planted.ts'

const find = (text: string) => findClientSecrets({ text, from: 0, to: text.length, now })
const id = drawn(40)
const secret = drawn(128)

const notations: readonly (readonly [what: string, write: (value: string) => string])[] = [
  ['an environment file', value => `FORAGE_CLIENT_SECRET=${value}`],
  ['an environment file of a stage', value => `FORAGE_CLIENT_SECRET_SANDBOX="${value}"`],
  ['a shell', value => `export CLIENT_SECRET='${value}'`],
  ['a default of a shell', value => `\${CLIENT_SECRET:-${value}}`],
  ['JSON', value => `{"client_secret": "${value}"}`],
  ['JSON in a string', value => `"{\\"client_secret\\":\\"${value}\\"}"`],
  ['YAML', value => `clientSecret: ${value}`],
  ['YAML of a container', value => `- name: CLIENT_SECRET\n  value: "${value}"`],
  ['JSON of a container', value => `{"name":"CLIENT_SECRET","value":"${value}"}`],
  ['a property file', value => `forage.client-secret = ${value}`],
  ['a form', value => `grant_type=client_credentials&client_secret=${value}&scope=a`],
  ['JavaScript', value => `const clientSecret = '${value}'`],
  ['JavaScript with a default', value => `clientSecret: process.env.X, clientSecret: env.CLIENT_SECRET ?? '${value}'`],
  ['JavaScript with another default', value => `env.CLIENT_SECRET || "${value}"`],
  ['a template', value => `clientSecret: \`${value}\``],
  ['TypeScript', value => `clientSecret: string = '${value}'`],
  ['Kotlin', value => `const val CLIENT_SECRET: String = "${value}"`],
  ['Go', value => `clientSecret := "${value}"`],
  ['Go with a type', value => `const ClientSecret string = "${value}"`],
  ['a comparison', value => `client_secret === "${value}"`],
  ['Ruby', value => `:client_secret => "${value}"`],
  ['PHP', value => `$config['client_secret'] = '${value}'`],
  ['a call', value => `form.append('client_secret', '${value}')`],
  ['XML', value => `<client_secret>${value}</client_secret>`],
  ['an Android resource', value => `<string name="forage_client_secret">${value}</string>`],
  ['a property list', value => `<key>clientSecret</key>\n\t<string>${value}</string>`],
  ['prose', value => `Client secret: ${value}.`],
  ['Markdown', value => `**Client Secret**: \`${value}\``],
  ['a table', value => `| client secret | ${value} |`],
  ['a header', value => `Client-Secret: ${value}`],
]
for (const [what, write] of notations) {
  t.test(`in the notation of ${what} a client secret is found`, async t => {
    const text = write(secret)
    const start = text.indexOf(secret)
    t.match(find(text), [{ kind: 'client_secret', environment: null, isExpired: false, start }])
    t.equal(find(text)[0]?.masked, `${secret.slice(0, 4)}…`)
  })
}

const innocent: readonly (readonly [what: string, text: string])[] = [
  ['a word', 'client_secret: "put-your-own-client-secret-here"'],
  ['a name of a variable', 'clientSecret: process.env.FORAGE_CLIENT_SECRET,'],
  ['a member', 'client_secret=this.options.credentials.clientSecret'],
  ['a reference to a vault', 'clientSecret: arn:aws:secretsmanager:us-east-1:123456789012:secret:forage'],
  ['brackets', 'client_secret=<client_secret_from_the_dashboard>'],
  ['a template', `client_secret=\${FORAGE_CLIENT_SECRET_OF_THE_SHOP}`],
  ['a low-entropy text', `client_secret=${'abcABC123'.repeat(4)}`],
  ['an MD5 sum', 'client_secret: 9e107d9d372bb6826bd81d3542a419d6'],
  ['a UUID', 'client_secret: 8c5f2d1e-94b7-4a36-b0c8-7e1d52f3a960'],
  ['names of methods', '"client_secret_basic","client_secret_post","client_secret_jwt"'],
  ['an encrypted secret', `clientSecret: ${drawn(201)}`],
  ['19 characters', `client_secret=${drawn(19)}`],
  ['another word', `client_secrets_file=${drawn(40)}`],
  ['an identity', `client_identity=${drawn(40)}`],
  ['a name without a value', 'client_secret'],
  ['a value in the next sentence', `client_secret is required. ${drawn(40)}`],
  ['an example of RFC 6749', 'client_id=s6BhdRkqt3&client_secret=gX1fBat3bV'],
]
for (const [what, text] of innocent)
  t.test(`${what} beside the name is no client secret`, async t => t.same(find(text), []))

t.test('20 letters and digits are long enough for a secret, 200 not too long', async t => {
  for (const length of [20, 200]) t.equal(find(`client_secret=${drawn(length)}`).length, 1)
})

t.test('hexadecimal numbers are secrets beside a name that says Forage', async t => {
  for (const value of ['9e107d9d372bb6826bd81d3542a419d6', '8c5f2d1e-94b7-4a36-b0c8-7e1d52f3a960'])
    for (const name of ['FORAGE_CLIENT_SECRET=', 'forageClientSecret: ', 'forage.sandbox.client_secret: '])
      t.match(find(name + value), [{ kind: 'client_secret' }], name)
  t.same(find(`FORAGE_CLIENT_SECRET=${'0'.repeat(32)}`), [])
})

t.test('a client id counts beside a secret, before or behind it', async t => {
  const pair = [`client_id=${id}`, `client_secret=${secret}`]
  t.match(find(pair.join('\n')), [{ kind: 'client_id' }, { kind: 'client_secret' }])
  t.match(find(pair.reverse().join('\n')), [{ kind: 'client_secret' }, { kind: 'client_id' }])
})

t.test('a client id alone counts where its name says Forage only', async t => {
  t.same(find(`client_id=${id}`), [])
  t.match(find(`FORAGE_CLIENT_ID=${id}`), [{ kind: 'client_id', masked: `${id.slice(0, 4)}…` }])
})

t.test('an id and a secret are a pair up to 1024 characters from each other', async t => {
  const apart = (distance: number) => {
    const [first, second] = [`client_id=${id}`, 'client_secret=']
    return `${first}${' '.repeat(distance - id.length - second.length)}${second}${secret}`
  }
  t.equal(find(apart(1024)).length, 2)
  t.equal(find(apart(1025)).length, 1)
})

import t from 'tap'
import { findBasicCredentials } from '../../src/scan/find-basic-credentials.ts'
import { basic, drawn, now } from './planted.ts'

const find = (text: string) => findBasicCredentials({ text, from: 0, to: text.length, now })
const [id, secret] = [drawn(40), drawn(128)]
const encoded = basic(id, secret)

const leaks: readonly (readonly [what: string, text: string])[] = [
  ['a request', `POST /o/token/ HTTP/1.1\r\nAuthorization: Basic ${encoded}\r\n`],
  ['a command line', `curl -H 'authorization: basic ${encoded}' https://api.sandbox.joinforage.app/o/token/`],
  ['another endpoint', `-H "Authorization: Basic ${encoded}" $API/o/revoke_token/`],
  ['a third endpoint', `Basic ${encoded}\n/o/bulk_revoke/`],
  ['a call to another path of Forage', `https://api.joinforage.app Basic ${encoded}`],
]
for (const [what, text] of leaks) {
  t.test(`Basic credentials in ${what} are found`, async t => {
    const start = text.indexOf(encoded)
    const end = start + encoded.replace(/=+$/, '').length
    t.match(find(text), [
      { kind: 'client_credentials', environment: null, start, end, masked: `${encoded.slice(0, 4)}…` },
    ])
  })
}

for (const option of [`-u ${id}:${secret}`, `-u "${id}:${secret}"`, `--user='${id}:${secret}'`, `-u${id}:${secret}`]) {
  t.test(`curl ${option.slice(0, 6)} with id and secret is found`, async t => {
    const text = `curl ${option} https://api.sandbox.joinforage.app/o/token/`
    t.match(find(text), [{ kind: 'client_credentials', start: text.indexOf(id), masked: `${id.slice(0, 4)}…` }])
  })
}

const innocent: readonly (readonly [what: string, text: string])[] = [
  ['for somebody else', `POST /login\nAuthorization: Basic ${encoded}`],
  ['of a user with a word', `/o/token/ Basic ${basic('merchant-of-the-shop', 'a-long-password-in-words')}`],
  ['without a colon', `/o/token/ Basic ${Buffer.from(drawn(60)).toString('base64')}`],
  ['in the middle of a word', `curl x-u ${id}:${secret} /o/token/`],
  ['of letters that are no base64 of text', `/o/token/ Basic ${drawn(64)}`],
  ['on a command line for somebody else', `curl -u ${id}:${secret} https://example.com/`],
  ['as names of variables', 'curl -u "$CLIENT_ID:$CLIENT_SECRET" /o/token/'],
  ['as words', 'curl -u my-client-id:my-client-secret-goes-here /o/token/'],
]
for (const [what, text] of innocent)
  t.test(`Basic credentials ${what} are not reported`, async t => t.same(find(text), []))

t.test('an endpoint counts up to 1024 characters away', async t => {
  const away = (distance: number) => `/o/token${' '.repeat(distance - '/o/token'.length)}Basic ${encoded}`
  t.equal(find(away(1024)).length, 1)
  t.equal(find(away(1025)).length, 0)
})

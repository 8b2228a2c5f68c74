/* Whether the search of the canary tests finds what it is for. */
import t from 'tap'
import { findCanaries } from '../fixtures/canary-forms.ts'

const secret = 'p/a+ss_Word~42'
const canaries = new Map([['the secret', secret]])
const base64 = (text: string) => Buffer.from(text).toString('base64')

for (const [form, text] of [
  ['as it is', 'p/a+ss_Word~42'],
  ['percent-encoded', 'p%2Fa%2Bss_Word~42'],
  ['percent-encoded in lower case', 'p%2fa%2bss_Word~42'],
  ['with every mark percent-encoded', 'p%2Fa%2Bss%5FWord%7E42'],
  ['in hexadecimal', '702f612b73735f576f72647e3432'],
  ['in hexadecimal capitals', '702F612B73735F576F72647E3432'],
  ['in reversed case', 'P/A+SS_wORD~42'],
  ['backwards', '24~droW_ss+a/p'],
  ['in base64', base64(`${secret}`)],
  ['in base64, with one octet before it and one behind it', base64(`:${secret}:`)],
  ['in base64, behind a client id', base64(`ab:${secret}`)],
  ['in base64, behind Basic with two more', base64(`id:ab${secret}xy`)],
  ['in base64url', Buffer.from(`?>${secret}?>`).toString('base64url')],
] as const) {
  t.test(`a secret ${form} is found, and the report does not repeat it`, async t => {
    const found = findCanaries(canaries, new Map([['a log', `{"a":"${text}"}`]]))
    t.equal(found.length, 1)
    t.notMatch(found[0], secret)
    t.match(found[0], /^the secret \(.*\) in a log$/)
  })
}

t.test('what is one letter off is not found, and what is short is not searched for', async t => {
  t.same(findCanaries(canaries, new Map([['a log', 'p/a+ss_Word~4 p%2Fa%2Bss_Word~43']])), [])
  t.throws(() => findCanaries(new Map([['a PIN', '1234']]), new Map([['a log', '']])), RangeError)
})

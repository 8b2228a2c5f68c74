import t from 'tap'
import { basicCredentials } from '../../src/forage/basic-credentials.ts'

const rows: readonly (readonly [id: string, secret: string, pair: string])[] = [
  ['s6BhdRkqt3', 'gX1fBat3bV', 's6BhdRkqt3:gX1fBat3bV'],
  ['an:id', 'a secret', 'an%3Aid:a+secret'],
  ['a+b', 'c%d&e=f', 'a%2Bb:c%25d%26e%3Df'],
]
for (const [id, secret, pair] of rows) {
  t.test(`the id ${id} and its secret are form-encoded, joined by a colon, and put into base64`, async t => {
    t.equal(basicCredentials(id, secret), `Basic ${Buffer.from(pair).toString('base64')}`)
  })
}

t.test('the example of RFC 6749 §2.3.1 comes out as it stands there', async t => {
  t.equal(
    basicCredentials('s6BhdRkqt3', '7Fjfp0ZBr1KtDRbnfVdmIw'),
    'Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3',
  )
})

/*
 * An authentication token in a field went through when its "_" was percent-encoded.
 *
 * Target and cookies were decoded before they were searched, other fields were not. `Referer` is a URL: a page whose own
 * address held a token encoded it on the way, and the gateway passed it on.
 */
import t from 'tap'
import { readFacts } from '../../src/gate/request-facts.ts'
import { anAuthenticationToken } from '../fixtures/token.ts'

const token = anAuthenticationToken('prod')
const spellings = [
  token.replace('_', '%5F'),
  token.replace('_', '%5f'),
  token.replace('_', '%255F'),
  token.replace('_', '%25255F'),
  [...token].map(letter => `%${letter.charCodeAt(0).toString(16)}`).join(''),
]
for (const spelling of spellings) {
  t.test(`a Referer with ${spelling.slice(0, 14)}… carries an authentication token`, async t => {
    t.equal(readFacts(['Referer', `https://shop.example/?t=${spelling}`]).secondCredential, 'authentication')
  })
}

t.test('a percent sign that encodes nothing is no token', async t => {
  t.equal(readFacts(['X-Note', '100% of prod_1 %zz %']).secondCredential, undefined)
})

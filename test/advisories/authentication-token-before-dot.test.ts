/*
 * An authentication token with a dot behind it was not seen.
 *
 * So that the first part of a session token is not taken for an authentication token, any dot behind the 30 letters
 * ended the search: `prod_….json` in a path, or a token at the end of a sentence. Now only a dot that begins the further
 * parts of a session token does.
 */
import t from 'tap'
import { findToken } from '../../src/forage/token-shapes.ts'
import { inTarget } from '../../src/gate/second-credentials.ts'
import { anAuthenticationToken } from '../fixtures/token.ts'

const token = anAuthenticationToken('prod')

for (const behind of ['.', '. ', '.json', '..', '.a.', '=.a', '==.']) {
  t.test(`an authentication token with "${behind}" behind it is one`, async t => {
    t.equal(findToken(`${token}${behind}`), 'authentication')
    t.equal(inTarget(`/api/orders/${token}${behind.trim()}`), 'authentication')
  })
}
for (const behind of ['.a.b', '=.a.b', '==.a.b']) {
  t.test(`with "${behind}" behind it, it is the first part of a session token`, async t => {
    t.equal(findToken(`${token}${behind}`), 'session')
  })
}

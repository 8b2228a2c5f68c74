/*
 * A doubly encoded query passed as an unambiguous one.
 *
 * `%2526` was refused, since whoever decodes twice reads "&" where whoever decodes once reads "%26". But the digits of
 * the inner encoding may be encoded as well: `%25%32%36` and `%252%36` decode to the same `%26`. Now the text is decoded
 * once, and refused when what is left could be decoded again.
 */
import t from 'tap'
import { readTarget } from '../../src/gate/target.ts'

for (const query of ['%2526', '%25%32%36', '%252%36', '%25%326', '%25%32%46', '%25%63%30', 'a%25%34%31b']) {
  t.test(`the query ${query} is ambiguous`, async t => t.equal(readTarget(`/a/?q=${query}`), undefined))
}
for (const query of ['%25', '%25z', '%25%32', '100%25+', '%252', '%25%20', '%252z']) {
  t.test(`the query ${query} has one reading`, async t => t.match(readTarget(`/a/?q=${query}`), { path: '/a/' }))
}

/*
 * Whoever can put a file into a tree that is searched must not be able to stop the search. Each text here begins a
 * credential, or something that decides about one, as often as its length allows. An expression that reads on from each
 * of them to the end would need minutes; the test suite gives it two.
 */
import t from 'tap'
import { createTextScan } from '../../src/scan/scan-text.ts'
import { basic, drawn, now, plantedTokens } from './planted.ts'

const octets = 1_000_000
const { authentication, jwt } = plantedTokens()

const pieces: readonly (readonly [what: string, piece: string])[] = [
  ['prefixes', 'dev_'],
  ['beginnings of session tokens', 'dev_eyJ'],
  ['beginnings of session tokens behind hyphens', '-dev_eyJ'],
  ['beginnings of session tokens with dots', 'dev_eyJ.'],
  ['beginnings of session tokens with padding', 'dev_eyJ=='],
  ['headers without an end', 'dev_eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9'],
  ['nearly authentication tokens', `dev_${'a'.repeat(30)}_`],
  ['authentication tokens', `${authentication} `],
  ['session tokens on one line', `${jwt},`],
  ['names of secrets', 'client_secret'],
  ['names and joints', 'client_secret="'],
  ['names and white space', `client_secret${' '.repeat(90)}`],
  ['names and quotes', `client_secret"'\`]`],
  ['names and values that are too short', 'client_id=aB3dE5fG7hJ9kL1mN3p '],
  ['pairs', `client_id=${drawn(20)}&client_secret=${drawn(20)}&`],
  ['ids without a secret', `client_id=${drawn(20)} `],
  ['Basic', 'Basic '],
  ['Basic credentials for nobody', `Basic ${basic(drawn(20), drawn(20))} `],
  ['options of curl', '-u '],
  ['options of curl with words', `-u ${'a'.repeat(20)}:`],
  ['endpoints', '/o/token/'],
  ['underscores', '_'],
  ['line ends', '\n'],
  ['one letter', 'a'],
  ['digits', '0123456789'],
]
for (const [what, piece] of pieces) {
  t.test(`a text of a million octets of ${what} is searched in one pass`, { timeout: 60_000 }, async t => {
    const text = piece.repeat(Math.ceil(octets / piece.length))
    const scan = createTextScan({ continuing: /[\x80-\xbf]/g }, now)
    t.doesNotThrow(() => {
      scan.add(text.slice(0, octets / 2), false)
      scan.add(text.slice(octets / 2), true)
    })
  })
}

/*
 * One request of 16 KiB kept the process busy for two thirds of a second.
 *
 * Every field value and every target is searched for tokens, before any credential is verified. The expression for
 * session tokens began anew at every prefix of `dev_dev_dev_…`, ran to the end of the text in search of a dot, and came
 * back character by character: the square of the length. Twenty such requests a second, from anybody, took a core away.
 *
 * Now the parts between dots are found first, and each is searched for its prefix once. The texts here are long enough
 * for a quadratic search to outlive the time limit of the suite by minutes; a linear one needs milliseconds.
 */
import t from 'tap'
import { findToken } from '../../src/forage/token-shapes.ts'
import { readFacts } from '../../src/gate/request-facts.ts'
import { inTarget } from '../../src/gate/second-credentials.ts'

const octets = 1_000_000

const hostile: readonly (readonly [what: string, piece: string])[] = [
  ['prefixes', 'dev_'],
  ['prefixes behind underscores', '_dev_'],
  ['prefixes behind hyphens', '-prod_'],
  ['prefixes and dots', 'dev_.'],
  ['prefixes and long enough parts', 'dev_aaaaaaaa.'],
  ['prefixes with padding', 'dev_aaaaaaaa='],
  ['underscores', '_'],
  ['nearly authentication tokens', `dev_${'a'.repeat(30)}_`],
  ['nearly session tokens', `dev_${'a'.repeat(30)}.`],
  ['equal signs', '_='],
]
for (const [what, piece] of hostile) {
  t.test(`a text of a million octets of ${what} is searched in one pass`, async t => {
    const text = piece.repeat(Math.ceil(octets / piece.length))
    t.doesNotThrow(() => findToken(text))
    t.doesNotThrow(() => inTarget(`/a?${text}`))
    t.doesNotThrow(() => readFacts(['X-Note', text, 'Cookie', text, 'X-Key', text, 'Authorization', text]))
  })
}

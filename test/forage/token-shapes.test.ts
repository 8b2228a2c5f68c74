import t from 'tap'
import { environments } from '../../src/forage/environments.ts'
import { findToken, holdsAuthenticationToken, isAuthenticationToken } from '../../src/forage/token-shapes.ts'
import { aTimestampedToken, paddedBase64url } from '../fixtures/timestamped-token.ts'
import { anAuthenticationToken, aToken } from '../fixtures/token.ts'

const auth = anAuthenticationToken()
const jwt = aToken()
const timestamped = aTimestampedToken()

for (const environment of environments) {
  t.test(`an authentication token of ${environment} is one, in any case, anywhere`, async t => {
    for (const name of [environment, environment.toUpperCase()]) {
      const token = anAuthenticationToken(name)
      t.equal(isAuthenticationToken(token), true)
      t.equal(findToken(token), 'authentication')
      t.equal(findToken(`see ${token}, please`), 'authentication')
    }
  })
}

const whole: readonly (readonly [text: string, isOne: boolean])[] = [
  ['dev_a', true],
  ['dev_A0', true],
  [`dev_${'a'.repeat(500)}`, true],
  ['dev_', false],
  ['dev', false],
  ['dev_a.b', false],
  ['dev_a_b', false],
  ['dev_a-b', false],
  ['dev_a ', false],
  ['dev_a\n', false],
  [' dev_a', false],
  ['xdev_a', false],
  ['test_a', false],
  ['dev-a', false],
  ['dev_\u0131', false],
  [jwt, false],
  [timestamped, false],
]
for (const [text, isOne] of whole) {
  const shown = text.length > 60 ? `${text.slice(0, 20)}…` : JSON.stringify(text)
  t.test(`${shown} is ${isOne ? 'an' : 'no'} authentication token`, async t => {
    t.equal(isAuthenticationToken(text), isOne)
  })
}

const within: readonly (readonly [text: string, kind: ReturnType<typeof findToken>])[] = [
  ['', undefined],
  ['_', undefined],
  ['dev_a', undefined],
  [auth.slice(0, -1), undefined],
  [`${auth}x`, undefined],
  [`${auth}_`, undefined],
  [`${auth}-`, undefined],
  [`x${auth}`, undefined],
  [`0${auth}`, undefined],
  [`_${auth}`, 'authentication'],
  [`-${auth}`, 'authentication'],
  [`"${auth}"`, 'authentication'],
  [`=${auth}&`, 'authentication'],
  [`/${auth}/`, 'authentication'],
  [`${auth}.`, 'authentication'],
  [`${auth}. That is it.`, 'authentication'],
  [`${auth}.json`, 'authentication'],
  [`${auth}=`, 'authentication'],
  [`${auth}==.`, 'authentication'],
  [`${auth}..`, 'authentication'],
  [`${auth}.a.`, 'authentication'],
  [`${auth}.a.b`, 'session'],
  [`${auth}=.a.b`, 'session'],
  [`${auth}==.a.b`, 'session'],
  [`${auth}.a.b ${auth}`, 'authentication'],
  [jwt, 'session'],
  [timestamped, 'session'],
  [`x.${jwt}`, 'session'],
  [`a.b.c.${jwt}`, 'session'],
  [`-${jwt}-`, 'session'],
  [`_${jwt}`, 'session'],
  [`x${jwt}`, undefined],
  [jwt.toUpperCase(), 'session'],
  [jwt.slice(0, jwt.lastIndexOf('.')), undefined],
  [jwt.slice(0, jwt.lastIndexOf('.') + 1), undefined],
  ['dev_abcdefg.b.c', undefined],
  ['dev_abcdefgh.b.c', 'session'],
  ['dev_abcdefgh=.b.c', 'session'],
  ['dev_abcdefgh==.b.c', 'session'],
  ['dev_abcdefgh===.b.c', undefined],
  ['dev_abcdefgh..c', undefined],
  ['test_abcdefgh.b.c', undefined],
  ['my-dev_abcdefgh.b.c', 'session'],
  ['dev_dev_abcdefgh.b.c', 'session'],
  [`${jwt} ${auth}`, 'authentication'],
  [`${auth} ${jwt}`, 'authentication'],
]
for (const [text, kind] of within) {
  const shown = text
    .replaceAll(auth, '<authentication>')
    .replaceAll(jwt, '<jwt>')
    .replaceAll(timestamped, '<timestamped>')
  t.test(`in "${shown}" there is ${kind ?? 'no'} token`, async t => {
    t.equal(findToken(text), kind)
    t.equal(holdsAuthenticationToken(text), kind === 'authentication')
  })
}

t.test('a timestamped token whose payload has 30 letters and its padding is a session token', async t => {
  const payload = paddedBase64url('{"a": 247444, "t": 42}')
  t.equal(payload, 'eyJhIjogMjQ3NDQ0LCAidCI6IDQyfQ==')
  t.equal(findToken(`sandbox_${payload}.aHe7Tw.${'A'.repeat(43)}`), 'session')
})

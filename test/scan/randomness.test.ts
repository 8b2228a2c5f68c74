import t from 'tap'
import { hasRandomRun, isVaried, looksRandom, looksRandomOf62 } from '../../src/scan/randomness.ts'
import { drawn } from './planted.ts'

const notDrawn: readonly (readonly [what: string, text: string])[] = [
  ['one letter', 'x'.repeat(30)],
  ['two letters in turn', 'xX'.repeat(15)],
  ['six characters in turn', 'a1B2c3'.repeat(5)],
  ['the alphabet', 'abcdefghijklmnopqrstuvwxyz1234'],
  ['the alphabet in both cases', 'ABCDEFGHIJKLMNopqrstuvwxyz1234'],
  ['words of a program', 'getUserAccountInformationFromDb'],
  ['words of a program and a digit', 'getUserAccount2InformationFrom'],
  ['a SHA-1 sum', '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12'],
  ['an MD5 sum in capitals', '9E107D9D372BB6826BD81D3542A419D6'],
  ['a number', '314159265358979323846264338327'],
  ['a placeholder', 'yourClientSecret4Zk9QpL7vX2mB8'],
  ['an example', 'wJalrXUtnFEMIK7MDENGEXAMPLEKEY'],
]
for (const [what, text] of notDrawn) {
  t.test(`${what} does not look random`, async t => {
    t.equal(looksRandom(text), false)
    t.equal(looksRandomOf62(text), false)
    t.equal(hasRandomRun(`-${text}-`), false)
  })
}

t.test('of ten thousand texts of 30 letters and digits that were drawn, at most twenty do not look so', async t => {
  let missed = 0
  for (let count = 0; count < 10_000; count++) if (!looksRandomOf62(drawn(30))) missed++
  t.ok(missed <= 20, `${missed} missed`)
})

for (const length of [20, 32, 40, 128]) {
  t.test(`of a thousand secrets of ${length} letters and digits, at most three do not look random`, async t => {
    let missed = 0
    for (let count = 0; count < 1000; count++) if (!looksRandom(drawn(length))) missed++
    t.ok(missed <= 3, `${missed} missed`)
  })
}

t.test('small letters and digits that were drawn look random, but are not drawn of all 62', async t => {
  const text = 'k3v9q0x7b2m5z8t1w4r6y0n3j7p9h2d5'
  t.equal(looksRandom(text), true)
  t.equal(looksRandomOf62(text), false)
})

t.test('16 letters and digits in a row are a random run, 15 are none', async t => {
  t.equal(hasRandomRun('--q7Vd0sXm2KfP9tLw--'), true)
  t.equal(hasRandomRun('--q7Vd0sXm2KfP9tL--'), false)
  t.equal(hasRandomRun('q7Vd0sXm-2KfP9tLw'), false)
  t.equal(hasRandomRun(''), false)
})

t.test('a text is varied from four fifths of its possible entropy', async t => {
  // Eight characters can have 3 bits each: 2.4 is wanted. Six different ones and two the same have 2.75, four pairs 2.
  t.equal(isVaried('abcdefaa'), true)
  t.equal(isVaried('aabbccdd'), false)
})

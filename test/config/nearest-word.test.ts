import t from 'tap'
import { nearestWord } from '../../src/config/nearest-word.ts'

const known = ['listen', 'limits', 'log', 'port', 'maxBodyBytes', 'certificate']

const guesses: [string, string | undefined][] = [
  ['lisen', 'listen'],
  ['listne', 'listen'],
  ['prot', 'port'],
  ['Port', 'port'],
  ['maxBodySize', 'maxBodyBytes'],
  ['lg', 'log'],
  ['logs', 'log'],
  ['secret', undefined],
  ['cert', 'certificate'],
  ['cer', undefined],
  ['portnumber', 'port'],
  ['logging', undefined],
  ['x', undefined],
  ['', undefined],
]

for (const [word, meant] of guesses) {
  t.test(`who writes "${word}" ${meant ? `meant "${meant}"` : 'is not guessed at'}`, async t => {
    t.equal(nearestWord(word, known), meant)
  })
}

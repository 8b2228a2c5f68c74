import t from 'tap'
import { createSeal } from '../../src/state/seal.ts'

const seal = createSeal(new Uint8Array(32).fill(1))

t.test('what was closed under a name is opened under that name, by the same key', async t => {
  for (const text of ['', 'a secret', 'ünïcode 🔑', 'x'.repeat(100_000)]) {
    const sealed = seal.close('name', text)
    t.equal(seal.open('name', sealed), text)
    t.equal(createSeal(new Uint8Array(32).fill(1)).open('name', sealed), text)
    t.equal(seal.open('other name', sealed), undefined)
    t.equal(createSeal(new Uint8Array(32).fill(2)).open('name', sealed), undefined)
  }
})

t.test('the same text is never closed the same way twice, and cannot be read', async t => {
  const [one, two] = [seal.close('name', 'CANARY'), seal.close('name', 'CANARY')]
  t.not(one, two)
  t.notMatch(Buffer.from(one, 'base64url').toString('latin1'), /CANARY/)
})

t.test('a change of any octet is noticed, as is what is missing', async t => {
  const octets = Buffer.from(seal.close('name', 'text'), 'base64url')
  t.equal(octets.byteLength, 12 + 16 + 4)
  for (let index = 0; index < octets.byteLength; index++) {
    const changed = Buffer.from(octets)
    changed.writeUInt8(changed.readUInt8(index) ^ 1, index)
    t.equal(seal.open('name', changed.toString('base64url')), undefined, `octet ${index}`)
    t.equal(seal.open('name', octets.subarray(0, index).toString('base64url')), undefined, `the first ${index}`)
  }
  t.equal(seal.open('name', 'no base64url at all!'), undefined)
})

for (const length of [0, 16, 31, 33]) {
  t.test(`a key of ${length} octets is refused`, async t => {
    t.throws(() => createSeal(new Uint8Array(length)), TypeError)
  })
}

import t from 'tap'
import { HeldRequest } from '../../src/hosts/held-request.ts'

function aHeld() {
  const told: string[] = []
  return {
    told,
    held: new HeldRequest(
      () => void told.push('go'),
      () => void told.push('gone'),
    ),
  }
}

t.test('a held request goes once, and is not told gone after that', async t => {
  const { told, held } = aHeld()
  t.equal(held.breakOff(), false, 'nothing of it is being read')
  held.go()
  held.go()
  held.abandon()
  t.same(told, ['go'])
})

t.test('one whose client is gone is told so once, and never goes', async t => {
  const { told, held } = aHeld()
  held.abandon()
  held.abandon()
  held.go()
  t.same(told, ['gone'])
})

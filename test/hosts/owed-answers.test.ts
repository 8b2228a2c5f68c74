import type { ServerResponse } from 'node:http'
import t from 'tap'
import type { UnderWay } from '../../src/hosts/connection.ts'
import { HeldRequest } from '../../src/hosts/held-request.ts'
import { OwedAnswers } from '../../src/hosts/owed-answers.ts'

const anAnswer = () => ({}) as ServerResponse
const something = (onAbandon = () => {}): UnderWay => ({ breakOff: () => true, abandon: onAbandon })

t.test('answers are owed in the order in which they were added, whichever is done first', async t => {
  const owed = new OwedAnswers()
  const [one, two, three] = [anAnswer(), anAnswer(), anAnswer()]
  for (const answer of [one, two, three]) owed.add(answer, true)
  owed.remove(two)
  t.same([owed.size, owed.first === one, owed.last === three], [2, true, true])
  owed.remove(one)
  t.same([owed.size, owed.first === three], [1, true])
  owed.remove(three)
  t.same([owed.size, owed.first, owed.last], [0, undefined, undefined])
})

t.test('an answer that is no longer owed waits for nothing, and is not owed again', async t => {
  const owed = new OwedAnswers()
  const [gone, here] = [anAnswer(), anAnswer()]
  owed.add(here, true)
  owed.await(gone, something())
  owed.remove(gone)
  t.equal(owed.lastUnderWay, undefined)
  const underWay = something()
  owed.await(here, underWay)
  t.equal(owed.size, 1)
  t.equal(owed.lastUnderWay, underWay)
})

t.test(
  'when the client is gone all that its answers wait for is abandoned, though each leaves the list by that',
  async t => {
    const owed = new OwedAnswers()
    const abandoned: number[] = []
    for (const number of [1, 2, 3]) {
      const answer = anAnswer()
      owed.add(answer, true)
      if (number === 2) continue
      owed.await(
        answer,
        something(() => {
          abandoned.push(number)
          owed.remove(answer)
        }),
      )
    }
    owed.abandon()
    t.same(abandoned, [1, 3])
    t.equal(owed.size, 1)
  },
)

t.test(
  'what is not safe goes when those in front of it are done, and nothing passes it; safe ones go together',
  async t => {
    const order: [letter: string, isSafe: boolean][] = [
      ['a', true],
      ['b', true],
      ['C', false],
      ['d', true],
      ['E', false],
    ]
    const answers = new Map(order.map(([letter]) => [letter, anAnswer()]))
    const owed = new OwedAnswers()
    for (const [letter, isSafe] of order) owed.add(answers.get(letter) as ServerResponse, isSafe)
    const free = () =>
      order.filter(([letter]) => owed.mayGo(answers.get(letter) as ServerResponse)).map(([letter]) => letter)
    t.same(free(), ['a', 'b'])
    const gone: string[] = []
    for (const letter of ['C', 'd', 'E'])
      owed.await(
        answers.get(letter) as ServerResponse,
        new HeldRequest(
          () => gone.push(letter),
          () => t.fail('it is there'),
        ),
      )
    const steps: [done: string, released: string[]][] = [
      ['b', []],
      ['a', ['C']],
      ['C', ['C', 'd']],
      ['d', ['C', 'd', 'E']],
    ]
    for (const [done, released] of steps) {
      owed.remove(answers.get(done) as ServerResponse)
      owed.release()
      t.same(gone, released, `after ${done}`)
    }
  },
)

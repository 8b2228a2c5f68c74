import t from 'tap'
import { param } from '../../src/simulator/call.ts'
import { resolveOptions } from '../../src/simulator/options.ts'
import { listOrderPayments } from '../../src/simulator/order-payments.ts'
import { addPaymentMethod } from '../../src/simulator/payment-methods.ts'
import { describeRefunds } from '../../src/simulator/refund-records.ts'
import { addSeededObjects } from '../../src/simulator/seeded-objects.ts'
import { seededRefs } from '../../src/simulator/seeded-refs.ts'
import { createWorld, maxObjects, type World } from '../../src/simulator/world.ts'

function aWorld(): World {
  const world = createWorld(resolveOptions({ now: () => 0 }))
  addSeededObjects(world)
  return world
}

t.test('ten thousand objects of a kind are kept, the seeded one among them', async t => {
  const world = aWorld()
  const input = { type: 'ebt', cardNumber: '9999411111111111', reusable: true, customerId: null } as const
  for (let count = 0; count < maxObjects + 5; count += 1) addPaymentMethod(world, input)
  t.equal(world.paymentMethods.size, 10_000)
  t.ok(world.paymentMethods.get(seededRefs.paymentMethod))
})

t.test('a payment that was forgotten is missing in the list of its order', async t => {
  const world = aWorld()
  world.payments.delete(seededRefs.payment)
  const answer = listOrderPayments({ world, params: { order: seededRefs.order }, body: {}, head: {} as never })
  t.equal(answer.body, '[]')
})

t.test('a refund that was forgotten is missing in a list', async t => {
  t.same(describeRefunds(aWorld(), ['0000000000']), [])
})

t.test('a parameter that a template does not have is empty', async t => {
  t.equal(param({ params: {} } as never, 'ref'), '')
})

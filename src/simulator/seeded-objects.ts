import { addOrder } from './orders.ts'
import { addPaymentMethod } from './payment-methods.ts'
import { addPayment } from './payments.ts'
import { seededRefs } from './seeded-refs.ts'
import type { World } from './world.ts'

const deliveryAddress = {
  line1: '1 Infinite Loop',
  line2: null,
  city: 'Cupertino',
  state: 'CA',
  zipcode: '95014',
  country: 'US',
}

/** Puts the objects of {@link seededRefs} into a new world. */
export function addSeededObjects(world: World): void {
  const createdAt = world.now()
  addPaymentMethod(world, {
    ref: seededRefs.paymentMethod,
    type: 'ebt',
    cardNumber: '9999411111111111',
    reusable: true,
    customerId: null,
  })
  addPayment(world, {
    ref: seededRefs.payment,
    orderRef: seededRefs.order,
    fundingType: 'ebt_snap',
    amountCents: 2000,
    paymentMethodRef: seededRefs.paymentMethod,
    description: 'Groceries',
    isDelivery: true,
    deliveryAddress,
  })
  const order = addOrder(world, { ref: seededRefs.order, snapCents: 2000, isDelivery: true, deliveryAddress })
  order.paymentRefs.push(seededRefs.payment)
  world.sessions.set(seededRefs.balanceSession, {
    ref: seededRefs.balanceSession,
    kind: 'balance_sessions',
    orderRef: null,
    customerId: null,
    createdAt,
    successUrl: 'https://shop.example/success',
    cancelUrl: 'https://shop.example/cancel',
  })
}

import { addOrder } from './orders.ts'
import { addPaymentMethod } from './payment-methods.ts'
import { addPayment } from './payments.ts'
import type { World } from './world.ts'

/** Objects that exist from the start, so that a GET has something to read. They are never forgotten. */
export const seededRefs: {
  readonly order: string
  readonly paymentMethod: string
  readonly payment: string
  readonly balanceSession: string
} = {
  order: '0a1b2c3d4e',
  paymentMethod: '1f2e3d4c5b',
  payment: '2b4d6f8a0c',
  balanceSession: '3c5e7a9b1d',
}

const deliveryAddress = {
  line1: '1 Infinite Loop',
  line2: null,
  city: 'Cupertino',
  state: 'CA',
  zipcode: '95014',
  country: 'US',
}

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

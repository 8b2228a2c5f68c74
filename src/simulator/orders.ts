import { type Answer, answerJson } from './answer.ts'
import { apiError } from './api-error.ts'
import { type Call, param } from './call.ts'
import { formatCents, formatTime, InputFields } from './input-fields.ts'
import type { JsonObject, Order } from './records.ts'
import { nextRef, type World } from './world.ts'

/** `POST /api/orders/` */
export function createOrder(call: Call): Answer {
  return answerJson(201, describeOrder(call.world, addOrder(call.world, readNewOrder(call.body, 'Orders'))))
}

/** `GET /api/orders/{order}/` */
export function getOrder(call: Call): Answer {
  return answerJson(200, describeOrder(call.world, findOrder(call.world, param(call, 'order'))))
}

/** `PATCH /api/orders/{order}/`: until a payment of it was captured. */
export function updateOrder(call: Call): Answer {
  const order = requireOpenOrder(call)
  if (isPaid(call.world, order)) throw apiError('cannot_update_order')
  const fields = new InputFields(call.body, 'Orders')
  if (fields.has('snap_total')) order.snapCents = fields.cents('snap_total')
  if (fields.has('ebt_cash_total')) order.cashCents = fields.cents('ebt_cash_total')
  if (fields.has('remaining_total')) order.remainingCents = fields.cents('remaining_total')
  order.metadata = fields.objectOr('metadata', order.metadata)
  order.deliveryAddress = fields.objectOr('delivery_address', order.deliveryAddress)
  order.isDelivery = fields.booleanOr('is_delivery', order.isDelivery)
  order.updatedAt = call.world.now()
  return answerJson(200, describeOrder(call.world, order))
}

/** `POST /api/orders/{order}/cancel/`: until a payment of it was captured. */
export function cancelOrder(call: Call): Answer {
  const order = requireOpenOrder(call)
  if (isPaid(call.world, order)) throw apiError('cannot_cancel_order')
  order.status = 'canceled'
  order.updatedAt = call.world.now()
  return answerJson(200, describeOrder(call.world, order))
}

/** Reads and checks a body that creates an order, or a session with its order. */
export function readNewOrder(body: JsonObject, resource: string): Partial<Order> {
  const fields = new InputFields(body, resource)
  const total = (name: string): number => (fields.has(name) ? fields.cents(name) : 0)
  return {
    snapCents: total('snap_total'),
    cashCents: total('ebt_cash_total'),
    remainingCents: total('remaining_total'),
    isDelivery: fields.booleanOr('is_delivery', false),
    deliveryAddress: fields.objectOr('delivery_address', {}),
    metadata: fields.objectOr('metadata', {}),
    customerId: fields.textOr('customer_id', null, 64),
    externalOrderId: fields.textOr('external_order_id', null),
  }
}

/** Stores a new order; members that are left out get their defaults. */
export function addOrder(world: World, input: Partial<Order>): Order {
  const createdAt = world.now()
  const order: Order = {
    ref: input.ref ?? nextRef(world, 'order'),
    createdAt,
    externalOrderId: null,
    customerId: null,
    paymentRefs: [],
    refundRefs: [],
    snapCents: 0,
    cashCents: 0,
    remainingCents: 0,
    isDelivery: false,
    deliveryAddress: {},
    metadata: {},
    updatedAt: createdAt,
    status: 'draft',
    ...input,
  }
  world.orders.set(order.ref, order)
  return order
}

/** @throws ApiError `resource_not_found` */
export function findOrder(world: World, ref: string): Order {
  const order = world.orders.get(ref)
  if (order === undefined) throw apiError('resource_not_found', 'Orders')
  return order
}

/** @throws ApiError `order_is_cancelled` */
export function requireOpenOrder(call: Call): Order {
  const order = findOrder(call.world, param(call, 'order'))
  if (order.status === 'canceled') throw apiError('order_is_cancelled')
  return order
}

/** Whether every payment of the order, and there is one, has been captured. */
function hasSucceeded(world: World, order: Order): boolean {
  const captured = order.paymentRefs.filter(ref => world.payments.get(ref)?.status === 'succeeded')
  return captured.length > 0 && captured.length === order.paymentRefs.length
}

function isPaid(world: World, order: Order): boolean {
  return order.paymentRefs.some(ref => world.payments.get(ref)?.status === 'succeeded')
}

function describeOrder(world: World, order: Order): JsonObject {
  return {
    ref: order.ref,
    merchant: world.options.merchantAccount,
    external_order_id: order.externalOrderId,
    customer_id: order.customerId,
    status: hasSucceeded(world, order) ? 'succeeded' : order.status,
    snap_total: formatCents(order.snapCents),
    ebt_cash_total: formatCents(order.cashCents),
    remaining_total: formatCents(order.remainingCents),
    is_delivery: order.isDelivery,
    delivery_address: order.deliveryAddress,
    metadata: order.metadata,
    payments: order.paymentRefs,
    refunds: order.refundRefs,
    created: formatTime(order.createdAt),
    updated: formatTime(order.updatedAt),
  }
}

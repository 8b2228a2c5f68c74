import { type Answer, answerJson } from './answer.ts'
import { apiError } from './api-error.ts'
import { type Call, type Handler, param } from './call.ts'
import { formatTime, InputFields } from './input-fields.ts'
import { addOrder, readNewOrder } from './orders.ts'
import type { CheckoutSession, JsonObject } from './records.ts'
import { nextRef, type World } from './world.ts'

type Kind = CheckoutSession['kind']

/** Handler that creates a session of a kind. A checkout session creates its order as well; a balance session has none. */
export function createSession(kind: Kind): Handler {
  return call => {
    const fields = new InputFields(call.body, 'Sessions')
    const urls = {
      successUrl: fields.textOr('success_redirect_url', '', 2000),
      cancelUrl: fields.textOr('cancel_redirect_url', '', 2000),
    }
    const input = readNewOrder(call.body, 'Sessions')
    const orderRef = kind === 'balance_sessions' ? null : addOrder(call.world, input).ref
    const ref = nextRef(call.world, 'session')
    const createdAt = call.world.now()
    const session = { ref, kind, orderRef, customerId: input.customerId ?? null, createdAt, ...urls }
    call.world.sessions.set(ref, session)
    return answerJson(201, describeSession(call.world, session))
  }
}

/** Handler that reads a session of a kind. */
export function getSession(kind: Kind): Handler {
  return (call: Call): Answer => {
    const session = call.world.sessions.get(param(call, 'ref'))
    if (session?.kind !== kind) throw apiError('resource_not_found', 'Sessions')
    return answerJson(200, describeSession(call.world, session))
  }
}

function describeSession(world: World, session: CheckoutSession): JsonObject {
  const { environment, merchantAccount } = world.options
  const host = environment === 'prod' ? 'checkout.joinforage.app' : `checkout.${environment}.joinforage.app`
  const page = session.kind === 'balance_sessions' ? 'balance' : 'payment'
  const subject = session.orderRef === null ? `session=${session.ref}` : `order=${session.orderRef}`
  return {
    ref: session.ref,
    order: session.orderRef,
    customer_id: session.customerId,
    redirect_url: `https://${host}/${page}?${subject}&merchant=${merchantAccount}`,
    success_redirect_url: session.successUrl,
    cancel_redirect_url: session.cancelUrl,
    created: formatTime(session.createdAt),
  }
}

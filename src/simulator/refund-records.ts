import { apiError } from './api-error.ts'
import { formatCents, formatTime } from './input-fields.ts'
import type { JsonObject, Refund } from './records.ts'
import type { World } from './world.ts'

/** @throws ApiError `resource_not_found` */
export function findRefund(world: World, ref: string): Refund {
  const refund = world.refunds.get(ref)
  if (refund === undefined) throw apiError('resource_not_found', 'Refunds')
  return refund
}

/** A refund as the API shows it. */
export function describeRefund(refund: Refund): JsonObject {
  return {
    ref: refund.ref,
    payment_ref: refund.paymentRef,
    order: refund.orderRef,
    funding_type: refund.fundingType,
    amount: formatCents(refund.amountCents),
    reason: refund.reason,
    metadata: refund.metadata,
    created: formatTime(refund.createdAt),
    status: refund.status,
    last_processing_error: null,
  }
}

/** Those that are still known. */
export function describeRefunds(world: World, refs: readonly string[]): JsonObject[] {
  return refs.flatMap(ref => {
    const refund = world.refunds.get(ref)
    return refund === undefined ? [] : [describeRefund(refund)]
  })
}

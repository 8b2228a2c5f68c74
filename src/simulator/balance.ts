import { type Answer, answerJson } from './answer.ts'
import { ApiError, apiError } from './api-error.ts'
import { type Call, param } from './call.ts'
import { checkPin } from './ebt-network.ts'
import { InputFields } from './input-fields.ts'
import { describeBalance, findPaymentMethod } from './payment-methods.ts'

/**
 * Asks for the balance of an EBT card. The answer has the shape that the vault gives to SDKs, also for a refusal:
 * `{ref, balance, error}`.
 */
export function checkBalance(call: Call): Answer {
  const ref = param(call, 'ref')
  try {
    const method = findPaymentMethod(call.world, ref)
    if (method.type !== 'ebt') throw apiError('balance_check_only_ebt')
    checkPin(method, new InputFields(call.body, 'Payment_Methods'))
    method.account.checkedAt = call.world.now()
    return answerJson(200, { ref, balance: describeBalance(method), error: null })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const { message, status, code } = error
    return answerJson(status, { ref, balance: null, error: { message, status_code: status, forage_code: code } })
  }
}

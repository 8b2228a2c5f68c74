import { ApiError } from './api-error.ts'
import type { InputFields } from './input-fields.ts'
import type { Cents, PaymentMethod } from './records.ts'
import { type DeclineCode, declineMessages, pinTries, wrongPin } from './test-cards.ts'

/**
 * Asks the issuer of an EBT card with a PIN, as every PIN operation does.
 *
 * @param fields the body of the operation: `pin`, and `card_number_token` when it comes from a vault
 * @throws ApiError `invalid_input_data`, or `ebt_error_NN` as the card's issuer decides
 */
export function checkPin(method: PaymentMethod, fields: InputFields): void {
  const pin = readPin(method, fields)
  const { account, rule } = method
  if (account.wrongPins >= pinTries) throw declined('75')
  if (rule.outcome !== 'approved') throw declined(rule.outcome)
  if (pin === wrongPin) {
    account.wrongPins += 1
    throw declined(account.wrongPins >= pinTries ? '75' : '55')
  }
  account.wrongPins = 0
}

/**
 * Checks the form of a PIN, without asking the issuer: a deferred capture collects it first and uses it later.
 *
 * @throws ApiError `invalid_input_data`
 */
export function readPin(method: PaymentMethod, fields: InputFields): string {
  const pin = fields.text('pin', 4)
  if (!/^\d{4}$/.test(pin)) throw fields.wrong('pin')
  // SDKs always send the token of the card. Who posts by hand has no vault to copy it from, and may leave it out.
  const token = fields.textOr('card_number_token', method.rule.cardNumberToken)
  if (token !== method.rule.cardNumberToken) throw fields.wrong('card_number_token')
  return pin
}

/**
 * Takes an amount from the account behind an EBT card.
 *
 * @throws ApiError `ebt_error_51` when it holds less, or `ebt_error_NN` as the card's issuer decides
 */
export function debit({ account, rule }: PaymentMethod, fundingType: string, amount: Cents): void {
  if (rule.outcome !== 'approved') throw declined(rule.outcome)
  const purse = fundingType === 'ebt_snap' ? 'snapCents' : 'cashCents'
  if (account[purse] < amount) throw declined('51')
  account[purse] -= amount
}

/** Gives an amount back. */
export function credit({ account }: PaymentMethod, fundingType: string, amount: Cents): void {
  account[fundingType === 'ebt_snap' ? 'snapCents' : 'cashCents'] += amount
}

function declined(code: DeclineCode): ApiError {
  // 91 is the only decline that is worth repeating: nobody knows whether the issuer saw the request.
  const status = code === '91' ? 504 : 400
  return new ApiError(`ebt_error_${code}`, { status, message: declineMessages[code], resource: 'Payment_Methods' })
}

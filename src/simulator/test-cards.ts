import { apiError } from './api-error.ts'

/**
 * The test cards of the simulator, and what their issuer answers.
 *
 * | card number | effect |
 * |---|---|
 * | `9999…`, 16 to 19 digits | a valid EBT card |
 * | `99994200000000NN`, NN one of {@link declineCodes} | every PIN operation answers `ebt_error_NN` |
 * | `4…` or `5…`, 13 to 19 digits with a correct check digit | a credit card |
 * | `5…` among those | not an HSA or FSA card |
 * | anything else | `unsupported_bin` |
 *
 * | PIN | effect |
 * |---|---|
 * | {@link wrongPin} | `ebt_error_55`; the fourth in a row locks the card, which then answers `ebt_error_75` for ever |
 * | any other four digits | right |
 */
export const declineCodes = ['14', '43', '51', '54', '55', '61', '62', '75', '80', '91', '96'] as const

/** The number in `ebt_error_NN`. */
export type DeclineCode = (typeof declineCodes)[number]

/** What the issuer of a card says to every PIN operation. */
export type PinOutcome = 'approved' | DeclineCode

/** The PIN that is wrong for every EBT card. */
export const wrongPin = '5555'

/** Wrong PINs in a row that lock a card. */
export const pinTries = 4

/** What the network says with each code. */
export const declineMessages: Readonly<Record<DeclineCode, string>> = {
  '14': 'Invalid card number',
  '43': 'Lost or stolen card',
  '51': 'Insufficient funds',
  '54': 'Expired card',
  '55': 'Invalid PIN',
  '61': 'Exceeds the withdrawal limit',
  '62': 'Restricted card',
  '75': 'PIN tries exceeded',
  '80': 'Invalid date',
  '91': 'The issuer did not answer in time',
  '96': 'System error at the issuer',
}

/** @throws ApiError `unsupported_bin` for a number outside the EBT test range */
export function ebtOutcome(cardNumber: string): PinOutcome {
  if (!/^9999\d{12,15}$/.test(cardNumber)) throw apiError('unsupported_bin')
  const code = /^99994200000000(\d\d)$/.exec(cardNumber)?.[1]
  return declineCodes.find(known => known === code) ?? 'approved'
}

/** @throws ApiError `unsupported_bin` or `not_an_hsa_fsa_card` */
export function checkCreditCard(cardNumber: string, isHsaFsa: boolean): void {
  if (!/^[45]\d{12,18}$/.test(cardNumber) || !hasCheckDigit(cardNumber)) throw apiError('unsupported_bin')
  if (isHsaFsa && cardNumber.startsWith('5')) throw apiError('not_an_hsa_fsa_card')
}

/** The Luhn formula (ISO/IEC 7812-1, annex B). */
function hasCheckDigit(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index += 1) {
    const digit = Number(digits[digits.length - 1 - index])
    const doubled = index % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

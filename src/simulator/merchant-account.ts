import { apiError } from './api-error.ts'
import { fieldValue, type RequestHead } from './request-head.ts'

/**
 * Checks `Merchant-Account`: `mid/123ab45c67` (older documents) and `123ab45c67` name the same merchant.
 *
 * @throws ApiError `missing_merchant_account`, or `forbidden` for another merchant
 */
export function requireMerchantAccount(head: RequestHead, merchantAccount: string): void {
  if ((fieldValue(head, 'Merchant-Account') ?? '') === '') throw apiError('missing_merchant_account')
  checkMerchantAccount(head, merchantAccount)
}

/**
 * The same check where the field may be absent.
 *
 * @throws ApiError `forbidden` for another merchant
 */
export function checkMerchantAccount(head: RequestHead, merchantAccount: string): void {
  const named = (fieldValue(head, 'Merchant-Account') ?? '').replace(/^mid\//, '')
  if (named !== '' && named !== merchantAccount) throw apiError('forbidden', 'Merchants')
}

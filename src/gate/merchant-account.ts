/** Which `Merchant-Account` values may pass. */
export interface MerchantPin {
  /** Whether a value is one of the pinned ones. A request without the field names no other merchant. */
  isAllowed(value: string | undefined): boolean
  /** Whether two values name one merchant. */
  isSame(value: string | undefined, account: string): boolean
}

/**
 * Pins merchants.
 *
 * `mid/123ab45c67` and `123ab45c67` are two spellings of one merchant that released SDKs send; older ones send its FNS
 * number, which nobody can tell from the others: an operator lists it beside them.
 *
 * @param merchants each by its spellings; none: any merchant may pass
 */
export function createMerchantPin(merchants: readonly (readonly string[])[]): MerchantPin {
  // Every spelling leads to the first one of its merchant.
  const pinned = new Map(
    merchants.flatMap(spellings => spellings.map(spelling => [bare(spelling), bare(spellings[0] ?? '')])),
  )
  const nameOf = (value: string) => pinned.get(bare(value)) ?? bare(value)
  return {
    isAllowed: value => pinned.size === 0 || value === undefined || pinned.has(bare(value)),
    isSame: (value, account) => value === undefined || nameOf(value) === nameOf(account),
  }
}

function bare(account: string): string {
  return account.startsWith('mid/') ? account.slice('mid/'.length) : account
}

/**
 * Whether a `Merchant-Account` value is one of the pinned ones. `mid/123ab45c67` and `123ab45c67` are two spellings of
 * one merchant that released SDKs send.
 */
export function createMerchantPin(accounts: readonly string[]): (value: string | undefined) => boolean {
  const pinned = new Set(accounts.map(bareAccount))
  // A request without the field names no other merchant; the upstream decides whether it needs one.
  return value => pinned.size === 0 || value === undefined || pinned.has(bareAccount(value))
}

function bareAccount(account: string): string {
  return account.startsWith('mid/') ? account.slice('mid/'.length) : account
}

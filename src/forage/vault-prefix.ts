/** Where the routes of the vault begin. Behind it stands the path of the Payments API that the vault relays to. */
export const vaultPrefix = '/proxy/'

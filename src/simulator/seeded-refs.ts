/** Objects that exist from the start, so that a GET has something to read. They are never forgotten. */
export const seededRefs: {
  readonly order: string
  readonly paymentMethod: string
  readonly payment: string
  readonly balanceSession: string
} = {
  order: '0a1b2c3d4e',
  paymentMethod: '1f2e3d4c5b',
  payment: '2b4d6f8a0c',
  balanceSession: '3c5e7a9b1d',
}

/** What can go wrong outside a request. Stable: tests and scripts match on it, never on the message. */
export type GatewayErrorCode = 'ERR_FORAGE_CONFIG' | 'ERR_FORAGE_LISTEN' | 'ERR_FORAGE_LOG' | 'ERR_FORAGE_STATE_AWAY'

/** A fault that ends a command. Its message is for the operator: what happened, why, and what to do. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: GatewayErrorCode

  constructor(code: GatewayErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

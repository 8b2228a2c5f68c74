import type { JsonObject } from './json-object.ts'
import type { TokenFormat } from './session.ts'

/** A token text taken apart. Nothing in it is proved yet. */
export interface ParsedToken {
  readonly format: TokenFormat
  /** The text that the signature is over. */
  readonly signedText: string
  readonly signature: Buffer
  /** JOSE header of a JWT; empty for a timestamped token. */
  readonly header: JsonObject
  readonly claims: JsonObject
  /** Issue time in seconds that the timestamped format carries outside its claims. */
  readonly issuedAt: number | undefined
}

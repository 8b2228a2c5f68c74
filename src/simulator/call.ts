import type { Answer } from './answer.ts'
import type { JsonObject } from './records.ts'
import type { RequestHead } from './request-head.ts'
import type { World } from './world.ts'

/** A request that may run: credentials, merchant and body have been checked. */
export interface Call {
  readonly world: World
  readonly head: RequestHead
  /** Values of the template's parameters. */
  readonly params: Readonly<Record<string, string>>
  readonly body: JsonObject
}

/** The code behind a route. Throws an `ApiError` to refuse. */
export type Handler = (call: Call) => Answer

/** The value of a template parameter. */
export function param(call: Call, name: string): string {
  return call.params[name] ?? ''
}

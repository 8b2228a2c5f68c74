/** What a request to Forage is for, as far as it matters for its place in the budget. */
export type BudgetClass = 'payments' | 'issuing' | 'tokenisation' | 'reads' | 'polling'

const readMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * What writes are for, by the template of their route; the first that fits. The vault's routes (`/proxy/…`) name the
 * same objects, and so do the payments of an order.
 */
const writes: readonly (readonly [template: RegExp, budgetClass: BudgetClass])[] = [
  // Money moves, or a shopper stands before the last step: create, authorize, collect_pin, capture, cancel, void, change.
  [/^(?:\/proxy)?\/api\/(?:orders\/\{[^/]+\}\/)?payments(?:\/|$)/, 'payments'],
  // Without a session token there is no checkout at all.
  [/^\/(?:api\/session_token|o)(?:\/|$)/, 'issuing'],
  // Payment methods, balance checks, and whatever else a checkout has to write before it can pay.
  [/^/, 'tokenisation'],
]

/**
 * The class of a request.
 *
 * @param template the template of its route, such as `/api/payments/{ref}/capture/`
 * @param isRepeat whether the same session has read the same target a moment ago (see `RepeatedReads`)
 */
export function budgetClassOf(method: string, template: string, isRepeat: boolean): BudgetClass {
  if (readMethods.has(method)) return isRepeat ? 'polling' : 'reads'
  const row = writes.find(([pattern]) => pattern.test(template)) as (typeof writes)[number]
  return row[1]
}

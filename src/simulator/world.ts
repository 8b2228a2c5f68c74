import { AuthenticationTokens } from './authentication-tokens.ts'
import { BoundedMap } from './bounded-map.ts'
import { DeterministicSource } from './deterministic-source.ts'
import { ExecutionLog } from './executions.ts'
import { type Faults, noFaults } from './faults.ts'
import { IdempotencyStore } from './idempotency.ts'
import type { ResolvedOptions } from './options.ts'
import { RateLimiter } from './rate-limiter.ts'
import type { CheckoutSession, Order, Payment, PaymentMethod, Refund } from './records.ts'
import { seededRefs } from './seeded-refs.ts'

/** Most objects kept of each kind. */
export const maxObjects = 10_000

/** Everything that the simulator remembers. */
export interface World {
  readonly options: ResolvedOptions
  readonly now: () => number
  readonly source: DeterministicSource
  readonly authenticationTokens: AuthenticationTokens
  readonly paymentMethods: BoundedMap<string, PaymentMethod>
  readonly payments: BoundedMap<string, Payment>
  readonly refunds: BoundedMap<string, Refund>
  readonly orders: BoundedMap<string, Order>
  readonly sessions: BoundedMap<string, CheckoutSession>
  readonly idempotency: IdempotencyStore
  readonly rateLimiter: RateLimiter
  readonly executions: ExecutionLog
  readonly faults: Faults
  /** Requests received, those under `/__simulator/` excepted. */
  readonly received: { requests: number }
}

/** A world without objects. */
export function createWorld(options: ResolvedOptions): World {
  const { now } = options
  const source = new DeterministicSource(options.seed)
  const pinned = Object.values(seededRefs)
  return {
    options,
    now,
    source,
    authenticationTokens: new AuthenticationTokens(options.environment, source, now),
    paymentMethods: new BoundedMap(maxObjects, pinned),
    payments: new BoundedMap(maxObjects, pinned),
    refunds: new BoundedMap(maxObjects),
    orders: new BoundedMap(maxObjects, pinned),
    sessions: new BoundedMap(maxObjects, pinned),
    idempotency: new IdempotencyStore(now),
    rateLimiter: new RateLimiter(options.rateLimit, now),
    executions: new ExecutionLog(),
    faults: noFaults(),
    received: { requests: 0 },
  }
}

/** Forgets everything: objects, tokens, faults, counts and the sequence of random values. */
export function resetWorld(world: World): void {
  const { authenticationTokens, paymentMethods, payments, refunds, orders, sessions } = world
  for (const store of [authenticationTokens, paymentMethods, payments, refunds, orders, sessions]) store.clear()
  for (const store of [world.idempotency, world.rateLimiter, world.executions]) store.clear()
  world.source.reset()
  world.received.requests = 0
  Object.assign(world.faults, noFaults())
}

/** A new ref: 10 hexadecimal characters. */
export function nextRef(world: World, kind: string): string {
  return world.source.hex(`ref:${kind}`, 10)
}

import type { Logger } from 'pino'
import type { Config, RedisConfig, StateConfig } from '../config/config.ts'
import { seldom } from '../hosts/seldom.ts'
import type { Sessions } from '../session/create-sessions.ts'
import type { LedgerEntry } from '../session/ledger.ts'
import type { Revocation } from '../session/revocations.ts'
import { createMemoryState } from '../state/memory-state.ts'
import type { RedisClientOptions } from '../state/redis-clients.ts'
import { createRedisState } from '../state/redis-state.ts'
import type { SharedState } from '../state/shared-state.ts'
import type { SessionParts } from './gate.ts'
import type { Issuance, OwnIssuance } from './issuing.ts'

/** The state that this process shares with others, or has for itself. */
export interface GatewayState {
  readonly shared: SharedState
  /** Whether others share it. */
  readonly isShared: boolean
  /** What knowing of sessions needs of it. */
  readonly sessionParts: Pick<SessionParts, 'askOthers' | 'onRecorded' | 'onRevoked'>
  /** Resolves once everything that was recorded or revoked so far has been told to the others, or could not be. */
  settled(): Promise<void>
  /**
   * Whether the others know of the revocation that was made last: resolves once they have been told, or cannot be told now.
   * True where there are no others.
   */
  revocationTold(): Promise<boolean>
  /** From now on, what the others revoke is revoked here, and what is known is told to a state that has lost it. */
  join(sessions: Sessions, issuance: OwnIssuance | null, listeners?: JoinListeners): void
  /** Connects with the password and the authority of this configuration from now on. What is connected stays so. */
  useSecrets(state: StateConfig): void
  close(): Promise<void>
}

/** Told of what has come from other replicas, once it has taken effect here. */
export interface JoinListeners {
  readonly onRevocation?: (revocation: Revocation, now: number) => void
  readonly onRecord?: (entry: LedgerEntry) => void
}

/** How much later than a window after it was sent a request may still count upstream, in milliseconds. */
const lateMs = 30_000
/** How seldom the log tells that others have put on record what cannot be read here, in milliseconds. */
const unreadableQuietMs = 60_000

/** Opens the state of a configuration. A Redis that is away is no reason not to start: it is joined when it is there. */
export async function openState({ environment, state, upstream }: Config, logger: Logger): Promise<GatewayState> {
  const { redis, namespace } = state
  if (redis === null) return ownState()
  let entries = (): Iterable<LedgerEntry> => []
  let current = redis
  const { address, sealingKey } = redis
  const shared = await createRedisState({
    environment,
    namespace,
    address,
    renewed: () => secretsOf(current),
    ...(sealingKey && { sealingKey }),
    ledgerEntries: () => entries(),
    ...(upstream.budget && { budgetWindowMs: upstream.budget.windowSec * 1000 + lateMs }),
  })
  logHealth(shared, logger)
  const tellUnreadable = seldom<number>(unreadableQuietMs, values => {
    const advice = 'what lies in the shared state cannot be read: have all replicas the same state.sealingKey?'
    logger.error({ event: 'state_unreadable', values }, advice)
  })
  const pending = new Set<Promise<unknown>>()
  let lastTold = Promise.resolve(true)

  /** What could not be told now is kept by the state, and told when it is back. */
  function tell(telling: Promise<unknown>): void {
    const settled = telling.catch(() => {}).finally(() => pending.delete(settled))
    pending.add(settled)
  }

  return {
    shared,
    isShared: true,
    sessionParts: {
      askOthers: digest => {
        const { unreadable } = shared.counters
        return shared.ledger.find(digest).catch(error => {
          if (shared.counters.unreadable > unreadable) tellUnreadable(shared.counters.unreadable)
          throw error
        })
      },
      onRecorded: entry => tell(shared.ledger.record(entry)),
      onRevoked(revocation, now) {
        const telling = shared.revocations.add(revocation, now)
        lastTold = telling.then(
          result => result === 'revoked',
          () => false,
        )
        tell(telling)
      },
    },
    revocationTold: () => lastTold,
    settled: async () => void (await Promise.all(pending)),
    join(sessions, issuance, { onRevocation, onRecord } = {}) {
      entries = () => sessions.ledger.entries()
      const revoke = (revocation: Revocation, now: number): void => {
        sessions.revocations.add(revocation, now)
        onRevocation?.(revocation, now)
      }
      shared.ledger.onMerged(entry => {
        if (sessions.adopt(entry)) onRecord?.(entry)
      })
      for (const [revocation, now] of shared.revocations.known()) revoke(revocation, now)
      shared.revocations.onAdded((revocation, now) => {
        revoke(revocation, now)
        // The sessions are over already; their authentication tokens here follow.
        if (!('token' in revocation)) void issuance?.retire(revocation)
      })
    },
    useSecrets(state) {
      current = state.redis ?? current
    },
    close: () => shared.close(),
  }
}

function secretsOf({ password, ca }: RedisConfig): Pick<RedisClientOptions, 'password' | 'tls'> {
  return { password, tls: ca === undefined ? undefined : { ca } }
}

function ownState(): GatewayState {
  const shared = createMemoryState()
  const settled = Promise.resolve()
  return {
    shared,
    isShared: false,
    sessionParts: {},
    settled: () => settled,
    revocationTold: async () => true,
    join() {},
    useSecrets() {},
    close: () => shared.close(),
  }
}

/** Once per change and reason: a state that is away for an hour is one line, or two where the second tells the cause. */
function logHealth({ health, onHealthChange, counters }: SharedState, logger: Logger): void {
  const told = new Set<string>()
  const log = ({ status, reason }: SharedState['health']): void => {
    if (status === 'connected') {
      told.clear()
      logger.info({ event: 'state_connected', ...counters }, 'the shared state is there')
    } else if (!told.has(reason)) {
      told.add(reason)
      logger.error({ event: 'state_away', reason }, 'the shared state is away: what is known here stays in force')
    }
  }
  log(health)
  onHealthChange(log)
}

/** Issuance whose sessions are known to the others before a caller has them. */
export function settling(issuance: Issuance, state: GatewayState): Issuance {
  if (!state.isShared) return issuance
  return {
    noteBlocked: issuance.noteBlocked,
    async issue(useCase, customer) {
      const outcome = await issuance.issue(useCase, customer)
      await state.settled()
      return outcome
    },
  }
}

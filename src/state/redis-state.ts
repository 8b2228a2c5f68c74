import { randomUUID } from 'node:crypto'
import { type Counting, createLinkKeeper } from './link-keeper.ts'
import { createRedisBudget } from './redis-budget.ts'
import { createRedisLedger } from './redis-ledger.ts'
import { openRedisLink } from './redis-link.ts'
import { type RedisStateOptions, type RedisStateSettings, redisDefaults } from './redis-options.ts'
import type { RedisParts } from './redis-parts.ts'
import { createRedisPulse } from './redis-pulse.ts'
import { createRedisRevocations } from './redis-revocations.ts'
import { createRedisUpkeep } from './redis-upkeep.ts'
import { createSeal, type Seal } from './seal.ts'
import type { SharedLimits, SharedSecrets, SharedState } from './shared-state.ts'
import { UnreadableReply } from './state-away.ts'
import { createStateKeys } from './state-keys.ts'

/** Beats that a replica may miss before it counts as gone. */
const missedBeats = 5

/**
 * Joins the state that replicas share in a Redis or Valkey. Resolves after the first attempt: a gateway starts without
 * its state, which then comes by itself.
 *
 * @throws TypeError for a namespace or a sealing key that cannot be used
 */
export async function createRedisState(options: RedisStateOptions): Promise<SharedState> {
  const settings: RedisStateSettings = { ...redisDefaults, ...options }
  const keys = createStateKeys(settings.environment, settings.namespace)
  const seal = settings.sealingKey && createSeal(settings.sealingKey)
  const replica = randomUUID()
  const counters: Counting = { timeouts: 0, failures: 0, reconnects: 0, unreadable: 0, writtenBack: 0 }
  const pulse = createRedisPulse({ ...settings, keys, replica, silenceMs: settings.beatMs * missedBeats })
  const keeper = createLinkKeeper({
    ...settings,
    counters,
    connect: onLost =>
      openRedisLink({ ...settings, ...settings.renewed() }, { channel: keys.channel, onMessage: hear, onLost }),
    prepare: link => upkeep.prepare(link),
    beat: link => upkeep.beat(link),
  })
  const writes = keys.writes(replica)
  const parts: RedisParts = { keys, replica, writes, keeper, pulse, counters, seal, settings }
  const [ledger, revocations] = [createRedisLedger(parts), createRedisRevocations(parts)]
  const upkeep = createRedisUpkeep(parts, { ...settings, ledger, revocations })
  function hear(text: string): void {
    if (!ledger.hear(text)) revocations.hear(text)
  }
  await keeper.start()
  return {
    get health() {
      return keeper.health
    },
    onHealthChange: listener => keeper.onHealthChange(listener),
    counters,
    ledger,
    revocations,
    budget: createRedisBudget(parts),
    limits: createRedisLimits(parts),
    secrets: seal && createRedisSecrets(parts, seal),
    get replicas() {
      return pulse.replicas
    },
    close: () => keeper.close(link => link.remove([writes], { of: keys.replicas, name: replica })),
  }
}

function createRedisLimits({ keys, keeper }: Pick<RedisParts, 'keys' | 'keeper'>): SharedLimits {
  return {
    async consume(key, { requests, windowSec }) {
      const [leftMs = 0] = await keeper.use(async link => {
        const reply = await link.run('consume', [keys.limit(key, windowSec)], [requests, windowSec * 1000])
        if (!((reply[0] ?? -1) >= 0)) throw new UnreadableReply()
        return reply
      })
      return Math.min(windowSec, Math.ceil(leftMs / 1000))
    },
  }
}

function createRedisSecrets({ keys, keeper, counters }: RedisParts, seal: Seal): SharedSecrets {
  return {
    async put(name, plaintext, ttlSec) {
      const key = keys.secret(name)
      await keeper.use(link => link.set(key, seal.close(key, plaintext), Math.ceil(ttlSec * 1000)))
    },
    async get(name) {
      const key = keys.secret(name)
      const sealed = await keeper.use(link => link.get(key))
      const plaintext = sealed === null ? undefined : seal.open(key, sealed)
      if (sealed !== null && plaintext === undefined) counters.unreadable++
      return plaintext
    },
  }
}

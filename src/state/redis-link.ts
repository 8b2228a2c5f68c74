import type { Cluster, Redis } from 'ioredis'
import { withDeadline } from './deadline.ts'
import { createRedisClients, type RedisClientOptions } from './redis-clients.ts'
import type { RedisScript } from './redis-scripts.ts'
import { TimedOut, UnreadableReply } from './state-away.ts'

/** Connections to a Redis that are open once. A command that fails on them is not sent again. */
export interface RedisLink {
  /** @returns the numbers that the script answers with. @throws UnreadableReply for anything else */
  run(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<readonly number[]>
  get(key: string): Promise<string | null>
  set(key: string, value: string, ttlMs: number): Promise<void>
  /** Members of a sorted set above a score, lowest first, each with its score. */
  above(key: string, score: number, count: number): Promise<readonly (readonly [member: string, score: number])[]>
  /** Begins to hear messages. A server that has not answered sensibly before must not be asked: see the implementation. */
  listen(): Promise<void>
  remove(keys: readonly string[], member: { readonly of: string; readonly name: string }): Promise<void>
  close(): void
}

export interface RedisLinkEvents {
  readonly channel: string
  readonly onMessage: (text: string) => void
  /** A connection is gone. Not told of {@link RedisLink.close}. */
  readonly onLost: (error: Error) => void
}

/** Opens the connections, or rejects within the connect time-out with what happened first. */
export async function openRedisLink(options: RedisClientOptions, events: RedisLinkEvents): Promise<RedisLink> {
  const clients = await createRedisClients(options)
  const watched: (Redis | Cluster)[] = []
  let first: Error | undefined
  let isClosed = false
  const close = () => {
    isClosed = true
    for (const client of watched.splice(0)) client.disconnect()
  }
  const watch = <Client extends Redis | Cluster>(client: Client): Client => {
    watched.push(client)
    // The error tells why; that a connection ended tells only that it did.
    client.on('error', (error: Error & { lastNodeError?: Error }) => (first ??= error.lastNodeError ?? error))
    client.on('end', () => {
      if (watched.includes(client)) events.onLost(first ?? new Error('Connection is closed.'))
    })
    return client
  }
  const open = async () => {
    await watch(clients.commands).connect()
    if (isClosed) throw new TimedOut()
    const messages = watch(clients.messages())
    messages.on('message', (_channel: string, text: string) => events.onMessage(text))
    await messages.connect()
    return messages
  }
  try {
    const messages = await withDeadline(open(), options.connectTimeoutMs)
    return createLink(clients.commands, () => messages.subscribe(events.channel), close)
  } catch (error) {
    close()
    throw first ?? error
  }
}

type Scripts = Readonly<Record<RedisScript, (count: number, ...rest: (string | number)[]) => Promise<unknown>>>

function createLink(client: Redis | Cluster, subscribe: () => Promise<unknown>, close: () => void): RedisLink {
  const scripts = client as unknown as Scripts
  return {
    run: async (script, keys, args) => toNumbers(await scripts[script](keys.length, ...keys, ...args)),
    async get(key) {
      const value: unknown = await client.get(key)
      if (value !== null && typeof value !== 'string') throw new UnreadableReply()
      return value
    },
    async set(key, value, ttlMs) {
      if ((await client.set(key, value, 'PX', ttlMs)) !== 'OK') throw new UnreadableReply()
    },
    above: async (key, score, count) =>
      toScored(await client.zrangebyscore(key, `(${score}`, '+inf', 'WITHSCORES', 'LIMIT', 0, count)),
    async listen() {
      // A reply to this that is none ends the process: ioredis throws where nobody can catch it.
      await subscribe()
    },
    async remove(keys, { of, name }) {
      await Promise.all([client.zrem(of, name), client.del(...keys)])
    },
    close,
  }
}

function toNumbers(reply: unknown): readonly number[] {
  return (Array.isArray(reply) ? reply : [reply]).map(toNumber)
}

function toNumber(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (typeof value === 'string' && /^-?\d{1,17}$/.test(value)) return Number(value)
  throw new UnreadableReply()
}

function toScored(reply: unknown): readonly (readonly [member: string, score: number])[] {
  if (!Array.isArray(reply) || reply.length % 2 !== 0) throw new UnreadableReply()
  const pairs: (readonly [string, number])[] = []
  for (let index = 0; index < reply.length; index += 2) {
    const member: unknown = reply[index]
    if (typeof member !== 'string') throw new UnreadableReply()
    pairs.push([member, toNumber(reply[index + 1])])
  }
  return pairs
}

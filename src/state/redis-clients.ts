import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis'
import type { RedisAddress } from './redis-address.ts'
import { createSafeConnectors } from './redis-connectors.ts'
import { redisScripts } from './redis-scripts.ts'

/** PEM texts for a Redis whose certificate no public authority issued, or that asks for one of ours. */
export interface RedisTls {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** Name that the certificate must have, where it is not that of the host. */
  readonly servername?: string | undefined
}

export interface RedisClientOptions {
  readonly address: RedisAddress
  /** Replaces the address's password. */
  readonly password?: string | undefined
  /** Sign-in of the Sentinels. Default: none. */
  readonly sentinelUsername?: string | undefined
  readonly sentinelPassword?: string | undefined
  readonly tls?: RedisTls | undefined
  /** Longest time until a connection is ready, in milliseconds. */
  readonly connectTimeoutMs: number
}

/** Connections that are not yet open. */
export interface RedisClients {
  readonly commands: Redis | Cluster
  /** Makes one for messages, once the one for commands is open: only then the nodes of a Cluster are known. */
  messages(): Redis
}

/**
 * Makes clients that live once. They neither reconnect, nor queue, nor send a command again: what becomes of a command
 * must be known when it fails, and a new connection is of no use before it has been brought up to date. Asking anew for
 * the address each time also follows a fail-over, whoever did it.
 */
export async function createRedisClients(options: RedisClientOptions): Promise<RedisClients> {
  // Loaded here only: a gateway on its own has no use for it.
  const ioredis = await import('ioredis')
  const { Cluster, Redis } = ioredis
  const { address } = options
  const { single: Connector, sentinel } = createSafeConnectors(ioredis)
  const common = { ...commonOptions(options), Connector }
  const [{ host, port } = { host: '', port: 0 }] = address.hosts
  if (address.kind === 'single') {
    const single = { ...common, host, port }
    return { commands: new Redis(single), messages: () => new Redis(single) }
  }
  if (address.kind === 'sentinel') {
    const behind = { ...common, ...sentinelOptions(options, common.tls), Connector: sentinel }
    return { commands: new Redis(behind), messages: () => new Redis(behind) }
  }
  const cluster = new Cluster([...address.hosts], clusterOptions(options, common))
  return {
    commands: cluster,
    messages() {
      // Any node has the messages of all. The Cluster's own way to them has sockets that may end the process.
      const [node] = cluster.nodes('master')
      return new Redis({ ...common, host: node?.options.host ?? host, port: node?.options.port ?? port })
    },
  }
}

const scripts = Object.fromEntries(Object.entries(redisScripts).map(([name, lua]) => [name, { lua }]))

/** Options of one connection, with replies as they always were. */
type ConnectionOptions = RedisOptions & { replyMapping: 'legacy' }

function commonOptions({ address, password, tls, connectTimeoutMs }: RedisClientOptions): ConnectionOptions {
  const { isEncrypted, username, db } = address
  const secret = password ?? address.password
  return {
    ...(username !== undefined && { username }),
    ...(secret !== undefined && { password: secret }),
    ...(isEncrypted && { tls: { ...defined(tls), minVersion: 'TLSv1.2' } }),
    db,
    lazyConnect: true,
    enableOfflineQueue: false,
    // The first command on each connection tells more than INFO does, and INFO may be forbidden to us.
    enableReadyCheck: false,
    disableClientInfo: true,
    connectionName: 'forage-gateway',
    protocol: 2,
    replyMapping: 'legacy',
    retryStrategy: null,
    autoResendUnfulfilledCommands: false,
    connectTimeout: connectTimeoutMs,
    // Bounds the handshake; every command has a shorter time of its own.
    commandTimeout: connectTimeoutMs,
    disconnectTimeout: 10,
    scripts,
  }
}

function sentinelOptions(options: RedisClientOptions, tls: RedisOptions['tls']): Omit<RedisOptions, 'replyMapping'> {
  const { address, sentinelUsername, sentinelPassword, connectTimeoutMs } = options
  return {
    sentinels: [...address.hosts],
    ...(address.master !== undefined && { name: address.master }),
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(tls && { enableTLSForSentinelMode: true, sentinelTLS: tls }),
    sentinelCommandTimeout: connectTimeoutMs,
    sentinelRetryStrategy: () => null,
  }
}

function clusterOptions(
  { connectTimeoutMs }: RedisClientOptions,
  common: ConnectionOptions,
): ClusterOptions & { redisOptions: ConnectionOptions } {
  const { scripts: _scripts, retryStrategy: _retry, enableOfflineQueue: _queue, ...redisOptions } = common
  return {
    scripts,
    lazyConnect: true,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    clusterRetryStrategy: null,
    slotsRefreshTimeout: connectTimeoutMs,
    // A refresh that ends after the client was closed would begin the next one, for ever. MOVED tells us soon enough.
    slotsRefreshInterval: 0,
    redisOptions,
  }
}

function defined(tls: RedisTls = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(tls).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

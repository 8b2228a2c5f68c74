/** Where a Redis or Valkey is, and who we are there. */
export interface RedisAddress {
  /** One server; a master that Sentinels know; or the nodes of a Cluster. */
  readonly kind: 'single' | 'sentinel' | 'cluster'
  /** The server, the Sentinels, or some nodes of the Cluster. */
  readonly hosts: readonly RedisHost[]
  /** Name of the master, where Sentinels know it. */
  readonly master: string | undefined
  readonly db: number
  readonly isEncrypted: boolean
  readonly username: string | undefined
  readonly password: string | undefined
}

export interface RedisHost {
  readonly host: string
  readonly port: number
}

const forms =
  'redis://host:port/db, redis+sentinel://host:port,host:port/master or redis+cluster://host:port,host:port (rediss… for TLS)'
const urlPattern =
  /^(?<scheme>rediss?)(?:\+(?<kind>sentinel|cluster))?:\/\/(?:(?<user>[^@/?#:]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>[^@/?#]+)(?:\/(?<path>[^?#]*))?$/

/**
 * Reads the URL of a Redis. User name and password are percent-encoded.
 *
 * @throws TypeError that says what is wrong, and never repeats the URL, which may hold a password
 */
export function parseRedisUrl(url: string): RedisAddress {
  const parts = urlPattern.exec(url)?.groups
  if (!parts) throw new TypeError(`must be ${forms}`)
  const kind = (parts.kind ?? 'single') as RedisAddress['kind']
  const hosts = (parts.hosts ?? '').split(',').map(text => parseHost(text, kind === 'sentinel' ? 26_379 : 6379))
  if (kind === 'single' && hosts.length > 1)
    throw new TypeError('names several hosts: write redis+sentinel:// or redis+cluster://')
  return {
    kind,
    hosts,
    ...parsePath(kind, parts.path ?? ''),
    isEncrypted: parts.scheme === 'rediss',
    username: decode(parts.user),
    password: decode(parts.password),
  }
}

/** The URL without user name and password, for people. */
export function showRedisAddress({ kind, hosts, master, db, isEncrypted }: RedisAddress): string {
  const scheme = `${isEncrypted ? 'rediss' : 'redis'}${kind === 'single' ? '' : `+${kind}`}`
  const places = hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`)
  const path = [...(master === undefined ? [] : [master]), ...(db === 0 ? [] : [db])].map(part => `/${part}`)
  return `${scheme}://${places.join(',')}${path.join('')}`
}

function parseHost(text: string, defaultPort: number): RedisHost {
  const parts = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text)
  const port = Number(parts?.[3] ?? defaultPort)
  if (!parts || port < 1 || port > 65_535)
    throw new TypeError('must name its hosts as host:port, with ports from 1 to 65535')
  return { host: (parts[1] ?? parts[2]) as string, port }
}

function parsePath(kind: RedisAddress['kind'], path: string): Pick<RedisAddress, 'master' | 'db'> {
  const parts = path === '' ? [] : path.split('/')
  const master = kind === 'sentinel' ? parts.shift() : undefined
  if (kind === 'sentinel' && !/^[A-Za-z0-9._-]{1,128}$/.test(master ?? ''))
    throw new TypeError('must end in the name of the master that the Sentinels know: redis+sentinel://host:port/master')
  const [db = '0', ...rest] = parts
  if (rest.length > 0 || !/^\d{1,4}$/.test(db))
    throw new TypeError('must end in the number of a database, or in nothing')
  if (kind === 'cluster' && Number(db) !== 0) throw new TypeError('must not name a database: a Cluster has one only')
  return { master, db: Number(db) }
}

function decode(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined
  try {
    return decodeURIComponent(text)
  } catch {
    throw new TypeError('must have its user name and password percent-encoded')
  }
}

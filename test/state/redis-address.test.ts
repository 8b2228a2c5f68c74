import t from 'tap'
import { parseRedisUrl, type RedisAddress, showRedisAddress } from '../../src/state/redis-address.ts'

const single: RedisAddress = {
  kind: 'single',
  hosts: [{ host: 'redis', port: 6379 }],
  master: undefined,
  db: 0,
  isEncrypted: false,
  username: undefined,
  password: undefined,
}
const two = [
  { host: '10.0.0.1', port: 7000 },
  { host: '::1', port: 26_379 },
]

for (const [url, expected, shown] of [
  ['redis://redis', {}, 'redis://redis:6379'],
  ['redis://redis:7001/3', { hosts: [{ host: 'redis', port: 7001 }], db: 3 }, 'redis://redis:7001/3'],
  ['redis://redis/', {}, 'redis://redis:6379'],
  ['redis://[::1]:65535', { hosts: [{ host: '::1', port: 65_535 }] }, 'redis://[::1]:65535'],
  ['rediss://:p%40ss@redis', { isEncrypted: true, password: 'p@ss' }, 'rediss://redis:6379'],
  ['redis://forage:se%3Acret@redis/1', { username: 'forage', password: 'se:cret', db: 1 }, 'redis://redis:6379/1'],
  ['redis://forage@redis', { username: 'forage' }, 'redis://redis:6379'],
  [
    'rediss+sentinel://u:p@10.0.0.1:7000,[::1]/main/2',
    { kind: 'sentinel', hosts: two, master: 'main', db: 2, isEncrypted: true, username: 'u', password: 'p' },
    'rediss+sentinel://10.0.0.1:7000,[::1]:26379/main/2',
  ],
  [
    'redis+cluster://10.0.0.1:7000,[::1]:26379',
    { kind: 'cluster', hosts: two },
    'redis+cluster://10.0.0.1:7000,[::1]:26379',
  ],
] as const) {
  t.test(`${url} is read, and shown without user name and password`, async t => {
    const address = parseRedisUrl(url)
    t.same(address, { ...single, ...expected })
    t.equal(showRedisAddress(address), shown)
  })
}

for (const [url, message] of [
  ['http://CANARY@redis', /^must be redis:\/\//],
  ['redis+other://redis', /^must be redis:\/\//],
  ['redis://:CANARY@redis?db=1', /^must be redis:\/\//],
  ['redis://:CANARY@redis#1', /^must be redis:\/\//],
  ['redis://:CANARY@x@redis', /^must be redis:\/\//],
  ['', /^must be redis:\/\//],
  ['redis://:CANARY@one,two', /several hosts/],
  ['redis://:CANARY@redis:0', /ports from 1 to 65535/],
  ['redis://:CANARY@redis:65536', /ports from 1 to 65535/],
  ['redis://:CANARY@re dis', /host:port/],
  ['redis+cluster://:CANARY@one,,two', /host:port/],
  ['redis://:CANARY%@redis', /percent-encoded/],
  ['redis://:CANARY@redis/main', /number of a database/],
  ['redis://:CANARY@redis/1/2', /number of a database/],
  ['redis+sentinel://:CANARY@redis', /name of the master/],
  ['redis+sentinel://:CANARY@redis/ma in', /name of the master/],
  ['redis+cluster://:CANARY@redis/1', /has one only/],
] as const) {
  t.test(`${url || 'nothing'} is refused, and not repeated`, async t => {
    t.throws(() => parseRedisUrl(url), { name: 'TypeError', message })
    try {
      parseRedisUrl(url)
    } catch (error) {
      t.notMatch((error as Error).message, /CANARY/)
    }
  })
}

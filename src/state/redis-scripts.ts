export type RedisScript = 'beat' | 'doubt' | 'record' | 'revoke' | 'renew' | 'leave' | 'consume'

/** Milliseconds since the epoch, and how long what tells of losses is kept. */
const clock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local hour = 3600000
`

/**
 * What is done in Redis in one step, by name. Each script reads the server's clock, since those of replicas differ, and
 * gives every key an end.
 */
export const redisScripts: Readonly<Record<RedisScript, string>> = {
  beat: beat(),
  doubt: doubt(),
  record: record(),
  revoke: revoke(),
  renew: renew(),
  leave: leave(),
  consume: consume(),
}

/**
 * KEYS replicas, writes, revocations, complete-since; ARGV replica, milliseconds until a silent one is gone.
 * Returns own writes, last version of the revocations, number of replicas, and milliseconds since the data is complete.
 */
function beat(): string {
  return `${clock}
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local writes = redis.call('INCR', KEYS[2])
redis.call('PEXPIRE', KEYS[2], hour)
redis.call('SET', KEYS[4], string.format('%.0f', now), 'NX')
redis.call('PEXPIRE', KEYS[4], hour)
local last = redis.call('ZREVRANGE', KEYS[3], 0, 0, 'WITHSCORES')
local since = tonumber(redis.call('GET', KEYS[4])) or now
return { writes, last[2] or '0', redis.call('ZCARD', KEYS[1]), now - since }
`
}

/** KEYS complete-since. From now on it is not believed that what is not there never was. */
function doubt(): string {
  return `${clock}
redis.call('SET', KEYS[1], string.format('%.0f', now), 'PX', hour)
return 1
`
}

/**
 * KEYS entry, writes; ARGV text, milliseconds to live, text that it replaces, channel, message to those who have read that.
 * Returns own writes; 0: something else is there. What is no text is nothing, and is replaced.
 */
function record(): string {
  return `${clock}
local stored = redis.pcall('GET', KEYS[1])
if type(stored) ~= 'string' then stored = '' end
if stored ~= ARGV[3] then return 0 end
if stored ~= '' then redis.call('PUBLISH', ARGV[4], ARGV[5]) end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local writes = redis.call('INCR', KEYS[2])
redis.call('PEXPIRE', KEYS[2], hour)
return writes
`
}

/**
 * KEYS revocations, ends, writes; ARGV channel, most revocations, then text and end in milliseconds of each.
 * Returns own writes, and how many found no room. Versions are times, so that they go on where the keys were lost.
 */
function revoke(): string {
  return `${clock}
local ended = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - 60000, 'LIMIT', 0, 200)
if #ended > 0 then
  redis.call('ZREM', KEYS[1], unpack(ended))
  redis.call('ZREM', KEYS[2], unpack(ended))
end
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
local version = math.max(tonumber(last[2] or '0'), time[1] * 1000000 + time[2])
local full, ends = 0, now
for i = 3, #ARGV, 2 do
  if not redis.call('ZSCORE', KEYS[1], ARGV[i]) then
    if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
      full = full + 1
    else
      version = version + 1
      redis.call('ZADD', KEYS[1], string.format('%.0f', version), ARGV[i])
      redis.call('ZADD', KEYS[2], ARGV[i + 1], ARGV[i])
      redis.call('PUBLISH', ARGV[1], ARGV[i])
      ends = math.max(ends, tonumber(ARGV[i + 1]))
    end
  end
end
local left = math.max(redis.call('PTTL', KEYS[1]), ends - now + 120000)
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', left))
redis.call('PEXPIRE', KEYS[2], string.format('%.0f', left))
local writes = redis.call('INCR', KEYS[3])
redis.call('PEXPIRE', KEYS[3], hour)
return { writes, full }
`
}

/**
 * KEYS budget; ARGV replica, requests per window, used, waiting, held, whether it may grow, replicas, milliseconds until
 * a silent lease lapses, milliseconds until what was used is forgotten upstream.
 * Returns the slice, how many replicas hold one, and what the others may have used: of a silent one, all it could.
 * Each entry is charge, used, waiting, and when it was written.
 */
function renew(): string {
  return `${clock}
local requests, used, waiting, held = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local replicas, leaseMs, windowMs = tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
local all = redis.call('HGETALL', KEYS[1])
local others, holders, usedByOthers = {}, 1, 0
local room = requests
for i = 1, #all, 2 do
  local charge, sent, wants, at = string.match(all[i + 1], '^(%d+) (%d+) (%d+) (%d+)$')
  if not charge or math.abs(now - at) > windowMs then
    redis.call('HDEL', KEYS[1], all[i])
  elseif all[i] ~= ARGV[1] then
    room = room - charge
    if now - at <= leaseMs then
      holders = holders + 1
      usedByOthers = usedByOthers + sent
      others[#others + 1] = { tonumber(charge), tonumber(wants) }
    else
      usedByOthers = usedByOthers + charge
    end
  end
end
room = math.max(0, room)
local parts = math.max(replicas, holders)
local equal = math.floor(requests / parts)
local kept = 0
for _, other in ipairs(others) do kept = kept + math.min(other[2], math.max(0, equal - other[1])) end
local most = math.max(math.min(room, equal), room - kept)
local spare = math.max(0, most - used - waiting)
local slice = math.min(most, used + waiting + math.max(math.ceil(equal / 20), math.floor(spare / 4)))
if ARGV[6] == '0' then slice = math.min(slice, held) end
local charge = math.max(slice, used, held)
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %.0f %.0f %.0f', charge, used, waiting, now))
redis.call('PEXPIRE', KEYS[1], windowMs + 60000)
return { slice, holders, usedByOthers }
`
}

/** KEYS budget; ARGV replica, used, milliseconds until what was used is forgotten upstream. */
function leave(): string {
  return `${clock}
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %.0f 0 %.0f', ARGV[2], ARGV[2], now))
redis.call('PEXPIRE', KEYS[1], ARGV[3] + 60000)
return 1
`
}

/** KEYS limit; ARGV requests per window, window in milliseconds. Returns 0, or the milliseconds until the next window. */
function consume(): string {
  return `
local count = redis.pcall('INCR', KEYS[1])
if type(count) == 'table' then
  redis.call('DEL', KEYS[1])
  count = redis.call('INCR', KEYS[1])
end
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  left = tonumber(ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
if count > tonumber(ARGV[1]) then return math.max(1, left) end
return 0
`
}

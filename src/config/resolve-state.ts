import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { isDevelopment } from '../forage/environments.ts'
import { parseRedisUrl, type RedisAddress } from '../state/redis-address.ts'
import type { RedisConfig, StateConfig } from './config.ts'
import type { Report } from './read-keys.ts'
import { readSecret, type SecretPlace } from './read-secret.ts'
import type { SecretSource } from './secret-schema.ts'
import type { StateDocument } from './state-schema.ts'
import { readTextFile } from './text-file.ts'

/** Least octets of the key that what is on record is encrypted with. */
const minSealingOctets = 32

/** Completes the state that replicas share: reads its URL, its secrets and its authority. */
export function resolveState(document: StateDocument, place: SecretPlace, report: Report): StateConfig {
  const { redisUrl, namespace } = document
  return { namespace, redis: redisUrl === null ? null : resolveRedis(document, redisUrl, place, report) }
}

function resolveRedis(
  { redisPassword, redisCa, sealingKey }: StateDocument,
  redisUrl: string | SecretSource,
  place: SecretPlace,
  report: Report,
): RedisConfig | null {
  const read = (source: SecretSource | null, key: string) => readText(source, key, place, report)
  const url = typeof redisUrl === 'string' ? redisUrl : read(redisUrl, 'redisUrl')
  const address = url === undefined ? undefined : readAddress(url, report)
  const isSpelledOut = typeof redisUrl === 'string' && place.environment !== undefined
  if (isSpelledOut && address?.password !== undefined && !isDevelopment(place.environment as 'prod'))
    report(['state', 'redisUrl'], 'must hold no password: write redisPassword: { file: PATH } or { env: NAME }')
  const password = read(redisPassword, 'redisPassword')
  const ca = redisCa === null ? undefined : readCa(redisCa, place, report)
  const seal = read(sealingKey, 'sealingKey')
  if (seal !== undefined && seal.length < minSealingOctets)
    report(
      ['state', 'sealingKey'],
      `is too short: use at least ${minSealingOctets} octets, such as "openssl rand -hex 32"`,
    )
  if (address === undefined) return null
  return {
    address,
    ...(password !== undefined && { password }),
    ...(ca !== undefined && { ca }),
    // A key of its exact length, from a text of any.
    ...(seal !== undefined && { sealingKey: createHash('sha256').update(seal).digest() }),
  }
}

function readAddress(url: string, report: Report): RedisAddress | undefined {
  try {
    return parseRedisUrl(url)
  } catch (error) {
    report(['state', 'redisUrl'], (error as Error).message)
    return undefined
  }
}

function readText(source: SecretSource | null, key: string, place: SecretPlace, report: Report): string | undefined {
  if (source === null) return undefined
  const secret = readSecret(source, place)
  if (!('message' in secret)) return Buffer.from(secret).toString('utf8')
  report(['state', key, ...secret.path], secret.message)
  return undefined
}

function readCa(file: string, { folder, read }: SecretPlace, report: Report): string | undefined {
  const content = readTextFile(resolve(folder, file), read)
  if ('text' in content) return content.text
  report(['state', 'redisCa'], `cannot be read: ${content.fault}`)
  return undefined
}

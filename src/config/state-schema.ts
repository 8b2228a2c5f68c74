import { z } from 'zod'
import { filePath, words } from './schema-values.ts'
import { type SecretSource, secret } from './secret-schema.ts'

/** State that replicas share, as it is written. */
export interface StateDocument {
  readonly redisUrl: string | SecretSource | null
  readonly redisPassword: SecretSource | null
  readonly redisCa: string | null
  readonly namespace: string
  readonly sealingKey: SecretSource | null
}

const urlError =
  'must be redis://host:port/db, redis+sentinel://host:port,host:port/master or redis+cluster://host:port,host:port (rediss… for TLS), or a secret that holds one'

export const stateSchema: z.ZodType<StateDocument> = z
  .strictObject({
    redisUrl: z
      .union(
        [words(/^rediss?(?:\+(?:sentinel|cluster))?:\/\/\S+$/, urlError), secret('A URL with a password in it.')],
        {
          error: urlError,
        },
      )
      .nullable()
      .default(null)
      .describe('Redis or Valkey that replicas share. Null: state stays in this process.'),
    redisPassword: secret('Password of the user that the URL names, or of the default user.').nullable().default(null),
    redisCa: filePath('PEM file with the authority of a private Redis. Null: the public ones.')
      .nullable()
      .default(null),
    namespace: words(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and "-"')
      .default('default')
      .describe('Keeps gateways apart that share a Redis and an environment.'),
    sealingKey: secret('Encrypts what is on record: whoever can write to Redis can then make no token real.')
      .nullable()
      .default(null),
  })
  .prefault({})
  .describe('State that replicas share.')

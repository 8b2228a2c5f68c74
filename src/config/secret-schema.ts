import { z } from 'zod'
import { filePath, orNeeded, words } from './schema-values.ts'

/** Where a secret is. A configuration names it; only `mock` and `local` may spell it out. */
export type SecretSource = { readonly file: string } | { readonly env: string } | { readonly value: string }

const error = 'must be { file: PATH } or { env: NAME } (or { value: TEXT } where environment is mock or local)'

const environmentVariable = words(
  /^[A-Za-z_][A-Za-z0-9_]{0,127}$/,
  'must be the name of an environment variable: letters, digits and "_"',
)

/** One secret, or two of which one replaces the other. */
export type SecretSources = SecretSource | readonly SecretSource[]

/** A secret. One message for everything that is wrong with its shape: nothing of what was written is repeated. */
export function secret(description: string): z.ZodType<SecretSource> {
  const forms = [
    z.strictObject({ file: filePath('File that holds the secret. One line end at its end is not part of it.') }),
    z.strictObject({ env: environmentVariable.describe('Environment variable that holds the secret.') }),
    z.strictObject({ value: words(/./s, 'must not be empty').describe('The secret itself. Only in mock and local.') }),
  ] as const
  return z.union(forms, { error: orNeeded(error) }).describe(description)
}

/** A secret that rotates: the old and the new one may both be live. */
export function secrets(description: string): z.ZodType<SecretSources> {
  const one = secret(description)
  const listError = `${error}, or a list of two of these`
  return z
    .union([one, z.array(one).min(1, { error: listError }).max(2, { error: listError })], { error: listError })
    .describe(description)
}

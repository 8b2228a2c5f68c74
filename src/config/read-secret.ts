import { resolve } from 'node:path'
import { type Environment, isDevelopment } from '../forage/environments.ts'
import { fileFault } from './file-fault.ts'
import { type ReadFile, readFromDisk } from './file-snapshot.ts'
import type { SchemaIssue } from './schema-issues.ts'
import type { SecretSource } from './secret-schema.ts'

export interface SecretPlace {
  /** Default: from the disk. */
  readonly read?: ReadFile
  /** Milliseconds since the epoch, for certificates. Default: the system clock. */
  readonly now?: number
  /** Folder that relative paths begin at. */
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  /** Undefined when the configuration names none that is known: then nothing is held against a literal. */
  readonly environment: Environment | undefined
}

/**
 * Reads a secret from where it is. The message of an issue never holds a name or path that was written, since people put
 * the secret itself there; the position in the file shows which one is meant.
 *
 * @returns the octets of the secret, or what is wrong; its path begins at the secret
 */
export function readSecret(source: SecretSource, place: SecretPlace): Uint8Array | SchemaIssue {
  if ('file' in source) return readSecretFile(source.file, place)
  if ('env' in source) return readVariable(source.env, place)
  if (place.environment !== undefined && !isDevelopment(place.environment))
    return { path: ['value'], message: 'is accepted in mock and local only: write { file: PATH } or { env: NAME }' }
  return Buffer.from(source.value)
}

function readSecretFile(file: string, { folder, read = readFromDisk }: SecretPlace): Uint8Array | SchemaIssue {
  const path = ['file']
  let octets: Uint8Array
  try {
    octets = read(resolve(folder, file))
  } catch (cause) {
    const hint = `write the path of a file that can be read; relative paths begin at ${folder}`
    return { path, message: `cannot be read: ${fileFault(cause)}; ${hint}` }
  }
  const secret = withoutLineEnd(octets)
  return secret.length > 0 ? secret : { path, message: 'is an empty file: write the secret into it' }
}

/** Editors and `echo` end a file with a line end that nobody means. Only one: the rest may belong to the secret. */
function withoutLineEnd(octets: Uint8Array): Uint8Array {
  let end = octets.length
  if (octets[end - 1] === 0x0a) end--
  if (end < octets.length && octets[end - 1] === 0x0d) end--
  return octets.subarray(0, end)
}

function readVariable(name: string, { env }: SecretPlace): Uint8Array | SchemaIssue {
  const value = env[name]
  if (value) return Buffer.from(value)
  // Only a name that looks like the name of a variable is repeated: FORAGE_SESSION_SECRET, not a pasted secret.
  const variable = /^[A-Z]+(?:_[A-Z]+)+$/.test(name) ? `the environment variable ${name}` : 'this environment variable'
  const fault = value === undefined ? 'is not set' : 'is empty'
  return { path: ['env'], message: `${variable} ${fault}: set it to the secret, or write { file: PATH }` }
}

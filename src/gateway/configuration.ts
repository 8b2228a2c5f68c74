import type { Config } from '../config/config.ts'
import type { FileSnapshot } from '../config/file-snapshot.ts'
import { loadConfig } from '../config/load-config.ts'
import type { Generation } from './reload.ts'

/**
 * The configuration as a keeper tells it to its workers: the files that it was read from, so that every worker goes by the
 * same octets, also one that begins when the files on disk have changed. It travels over a pipe between a process and its
 * own children.
 */
export interface ConfigurationOrder {
  readonly kind: 'configuration'
  /** Absolute path of the configuration file. */
  readonly file: string
  readonly snapshot: FileSnapshot
  readonly generation: number
  /** Key of the fingerprints in logs, in base64. */
  readonly fingerprintKey: string
}

/** @throws TypeError for a configuration that was read from no file */
export function configurationOf({ config, generation }: Generation, fingerprintKey: Uint8Array): ConfigurationOrder {
  if (!config.source) throw new TypeError('Workers need a configuration that was read from a file.')
  const { file, snapshot } = config.source
  const key = Buffer.from(fingerprintKey).toString('base64')
  return { kind: 'configuration', file, snapshot, generation, fingerprintKey: key }
}

/** @throws ConfigError when it is not fit to run; it was for the keeper, with the same environment variables */
export function readConfigurationOrder({ file, snapshot }: ConfigurationOrder, env: NodeJS.ProcessEnv): Config {
  return loadConfig(file, env, snapshot)
}

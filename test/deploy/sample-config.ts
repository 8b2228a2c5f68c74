import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Test } from 'tap'
import type { Config } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load-config.ts'

/** A configuration of `deploy/`, loaded as if its secrets were where it says. */
export interface SampleConfig {
  readonly config: Config
  /** Paths of the secrets, as written. */
  readonly secretFiles: readonly string[]
  /** Longest time from the stop signal to the end, in milliseconds, as `config/gateway.example.yaml` tells it. */
  readonly longestEndMs: number
}

/**
 * Loads a sample with secrets of its own, and with the policy that the image and the package hold.
 *
 * @param edit what an operator changes in it. Default: nothing
 */
export function loadSample(t: Test, file: string, edit = (text: string): string => text): SampleConfig {
  const folder = t.testdir({ 'policy.yaml': readFileSync('config/policy.yaml', 'utf8') })
  const secretFiles: string[] = []
  const text = edit(readFileSync(file, 'utf8'))
    .replaceAll(/\{ file: (\/run\/\S+) \}/g, (_, path: string) => {
      secretFiles.push(path)
      const copy = join(folder, basename(path))
      writeFileSync(copy, `${basename(path)}-0123456789abcdef0123456789abcdef\n`)
      return `{ file: ${copy} }`
    })
    .replace('/app/config/policy.yaml', 'policy.yaml')
    .replace('/var/log/forage-gateway', folder)
  writeFileSync(join(folder, 'gateway.yaml'), text)
  const config = loadConfig(join(folder, 'gateway.yaml'), {})
  return { config, secretFiles, longestEndMs: (config.lameDuckMs ?? 0) + config.drainTimeoutMs + 2000 }
}

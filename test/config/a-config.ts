import { join } from 'node:path'
import type { Test } from 'tap'
import type { Config } from '../../src/config/config.ts'
import { ConfigError, type ConfigProblem } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { packageFile } from '../../src/config/package-files.ts'

/** 32 octets, the least that HS256 takes. */
export const sessionSecret = 'abcdefghijklmnopqrstuvwxyz012345'

/** Lines of a configuration that is fine with {@link sessionSecret} in FORAGE_SESSION_SECRET. */
export const fineSession = 'session: { verify: signature, jwt: { secret: { env: FORAGE_SESSION_SECRET } } }'
export const finePolicy = `policy: { file: ${JSON.stringify(packageFile('config', 'policy.yaml'))} }`
export const fineConfig = `environment: sandbox\n${fineSession}\n${finePolicy}\n`

export const fineEnv: NodeJS.ProcessEnv = { FORAGE_SESSION_SECRET: sessionSecret }

/** Writes a configuration, and files beside it, into a folder of the test. */
export function writeConfig(t: Test, text: string, others: Record<string, string> = {}): string {
  return join(t.testdir({ 'gateway.yaml': text, ...others }), 'gateway.yaml')
}

export function load(t: Test, text: string, env: NodeJS.ProcessEnv = fineEnv): Config {
  return loadConfig(writeConfig(t, text), env)
}

/** The problems of a configuration; none when it loads. */
export function problemsOf(file: string, env: NodeJS.ProcessEnv = fineEnv): readonly ConfigProblem[] {
  try {
    loadConfig(file, env)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

export function problemsIn(t: Test, text: string, others: Record<string, string> = {}): readonly ConfigProblem[] {
  return problemsOf(writeConfig(t, text, others))
}

export function pathsIn(t: Test, text: string, others: Record<string, string> = {}): readonly string[] {
  return problemsIn(t, text, others).map(problem => problem.path)
}

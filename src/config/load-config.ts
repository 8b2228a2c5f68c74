import { availableParallelism } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { Policy } from '../gate/policy.ts'
import type { Config } from './config.ts'
import { ConfigError } from './config-error.ts'
import { type ConfigDocument, configSchema } from './config-schema.ts'
import { Findings } from './findings.ts'
import { largestHeaderBytes } from './limits-schema.ts'
import { findUnavailable } from './not-available-yet.ts'
import { processEnvironment } from './process-environment.ts'
import { readPolicy } from './read-policy.ts'
import { readShape } from './read-shape.ts'
import { resolveAdmin } from './resolve-admin.ts'
import { resolveIssuing } from './resolve-issuing.ts'
import { resolveListen } from './resolve-listen.ts'
import { resolveSession } from './resolve-session.ts'
import { resolveState } from './resolve-state.ts'
import { resolveUpstream } from './resolve-upstream.ts'
import { readTextFile } from './text-file.ts'
import { parseYaml, wholeFile, type YamlFile } from './yaml-file.ts'

/**
 * Reads a configuration and everything it names: policy and secrets.
 *
 * @param file path of a YAML or JSON file
 * @param env environment variables that secrets may stand in; default: those of this process
 * @throws ConfigError (`ERR_FORAGE_CONFIG`) with every problem at once
 */
export function loadConfig(file: string, env: NodeJS.ProcessEnv = processEnvironment()): Config {
  const yaml = readConfigFile(file)
  // What stands in for an environment that is missing or unknown is the one that forbids nothing.
  const { document, written, problems } = readShape(configSchema, yaml, { environment: 'mock' })
  const findings = new Findings(yaml, problems)
  for (const { path, message } of findUnavailable(written)) findings.report(path, message)

  const policy = loadPolicy(document.policy.file, file, findings)
  const config = resolveDocument(document, { file, env, findings })
  if (findings.problems.length > 0 || !policy) throw new ConfigError(file, findings.problems)
  return { ...config, policy }
}

function readConfigFile(file: string): YamlFile {
  const read = readTextFile(file)
  if ('text' in read) return parseYaml(file, read.text)
  throw new ConfigError(file, [wholeFile(file, `cannot be read: ${read.fault}`)])
}

function loadPolicy(policyFile: string, configFile: string, findings: Findings): Policy | undefined {
  const file = isAbsolute(policyFile) ? policyFile : join(dirname(configFile), policyFile)
  const read = readTextFile(file)
  if ('fault' in read) {
    findings.report(['policy', 'file'], `${file} cannot be read: ${read.fault}; write the path of a policy`)
    return undefined
  }
  const policy = readPolicy(file, read.text)
  if (!('problems' in policy)) return policy
  // A default that took the place of a name that does not fit is nobody's policy.
  if (!findings.isWrong(['policy', 'file'])) findings.add(policy.problems)
  return undefined
}

interface Surroundings {
  readonly file: string
  readonly env: NodeJS.ProcessEnv
  readonly findings: Findings
}

function resolveDocument(document: ConfigDocument, { file, env, findings }: Surroundings): Omit<Config, 'policy'> {
  const folder = dirname(resolve(file))
  const environment = findings.isWrong(['environment']) ? undefined : document.environment
  const report = findings.report.bind(findings)
  const { listen, limits, log, cors, lameDuckMs, drainTimeoutMs } = document
  const place = { folder, env, environment }
  const admin = resolveAdmin(document, place, report)
  return {
    environment: document.environment,
    listen: resolveListen(listen, { folder, file, report }),
    upstream: resolveUpstream(document.upstream, place, report),
    workers: document.workers === 'auto' ? availableParallelism() : document.workers,
    admin,
    session: resolveSession(document.session, { place, file, report, isWrong: findings.isWrong.bind(findings) }),
    merchantAccounts: document.merchantAccounts.map(account => (typeof account === 'string' ? [account] : account)),
    issuing: resolveIssuing(document, { place, file, report }),
    limits: { ...limits, maxHeaderBytes: limits.maxHeaderBytes ?? largestHeaderBytes },
    state: resolveState(document.state, place, report),
    cors,
    log: { level: log.level, destination: logDestination(log.destination, folder) },
    lameDuckMs,
    drainTimeoutMs,
  }
}

function logDestination(destination: string, folder: string): string {
  return destination === 'stdout' || destination === 'stderr' ? destination : resolve(folder, destination)
}

import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { vaultPrefix } from '../forage/vault-prefix.ts'
import type { Policy } from '../gate/policy.ts'
import type { Config } from './config.ts'
import { ConfigError } from './config-error.ts'
import { type ConfigDocument, configSchema } from './config-schema.ts'
import { type FileSnapshot, type ReadFile, readFromDisk, readFromSnapshot, recordFiles } from './file-snapshot.ts'
import { Findings } from './findings.ts'
import { largestHeaderBytes } from './limits-schema.ts'
import { processEnvironment } from './process-environment.ts'
import { readPolicy } from './read-policy.ts'
import type { SecretPlace } from './read-secret.ts'
import { readShape } from './read-shape.ts'
import { resolveAdmin } from './resolve-admin.ts'
import { resolveIssuing } from './resolve-issuing.ts'
import { resolveListen } from './resolve-listen.ts'
import { resolveAudit, resolveLog, resolveTracing } from './resolve-observability.ts'
import { resolveReport } from './resolve-report.ts'
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
 * @param snapshot read in place of the disk. Default: none
 * @throws ConfigError (`ERR_FORAGE_CONFIG`) with every problem at once
 */
export function loadConfig(
  file: string,
  env: NodeJS.ProcessEnv = processEnvironment(),
  snapshot?: FileSnapshot,
): Config {
  const { read, taken } = snapshot
    ? { read: readFromSnapshot(snapshot), taken: () => snapshot }
    : recordFiles(readFromDisk, Date.now())
  const config = readNoting(file, { env, read, now: snapshot?.takenAt ?? Date.now() }, taken)
  const readAgain = (): Config => loadConfig(file, env)
  return { ...config, source: { file: resolve(file), snapshot: taken(), readAgain } }
}

/** An error tells which files there are to mend. */
function readNoting(file: string, reading: Reading, taken: () => FileSnapshot): Config {
  try {
    return readWhole(file, reading)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    throw new ConfigError(file, error.problems, taken().files)
  }
}

/** What a configuration is read with. */
type Reading = Required<Pick<SecretPlace, 'env' | 'read' | 'now'>>

function readWhole(file: string, reading: Reading): Config {
  const yaml = readConfigFile(file, reading.read)
  // What stands in for an environment that is missing or unknown is the one that forbids nothing.
  const { document, problems } = readShape(configSchema, yaml, { environment: 'mock' })
  const findings = new Findings(yaml, problems)

  const whole = loadPolicy(document, { file, reading, findings })
  const policy = whole && resolveReport(whole, document.policy, findings)
  const config = resolveDocument(document, { file, reading, findings })
  if (policy && config.upstream.vault === undefined && needsVault(policy))
    findings.report(
      ['upstream', 'vault'],
      'is needed for the routes under /proxy/ of the policy: write the origin of the vault',
    )
  if (findings.problems.length > 0 || !policy) throw new ConfigError(file, findings.problems)
  return { ...config, policy }
}

/** Card numbers and PINs that are meant for the vault must not end up at the Payments API. */
function needsVault({ routes }: Policy): boolean {
  return routes.some(({ template }) => template.startsWith(vaultPrefix))
}

function readConfigFile(file: string, readFile: ReadFile): YamlFile {
  const read = readTextFile(file, readFile)
  if ('text' in read) return parseYaml(file, read.text)
  throw new ConfigError(file, [wholeFile(file, `cannot be read: ${read.fault}; write the path of a configuration`)])
}

function loadPolicy(document: ConfigDocument, { file: from, reading, findings }: Surroundings): Policy | undefined {
  const file = resolve(dirname(from), document.policy.file)
  const read = readTextFile(file, reading.read)
  if ('fault' in read) {
    findings.report(['policy', 'file'], `${file} cannot be read: ${read.fault}; write the path of a policy`)
    return undefined
  }
  // A default that took the place of names that do not fit says nothing about the policy's.
  const { useCases = {} } = (!findings.isWrong(['issuing', 'useCases']) && document.issuing) || {}
  const policy = readPolicy(file, read.text, Object.keys(useCases))
  if (!('problems' in policy)) return policy
  // A default that took the place of a name that does not fit is nobody's policy.
  if (!findings.isWrong(['policy', 'file'])) findings.add(policy.problems)
  return undefined
}

interface Surroundings {
  readonly file: string
  readonly reading: Reading
  readonly findings: Findings
}

function resolveDocument(document: ConfigDocument, { file, reading, findings }: Surroundings): Omit<Config, 'policy'> {
  const environment = findings.isWrong(['environment']) ? undefined : document.environment
  const report = findings.report.bind(findings)
  const { listen, limits, log, cors, lameDuckMs, drainTimeoutMs } = document
  const place = { ...reading, folder: dirname(resolve(file)), environment }
  const admin = resolveAdmin(document, place, report)
  return {
    environment: document.environment,
    listen: resolveListen(listen, place, report),
    upstream: resolveUpstream(document.upstream, place, report),
    workers: document.workers === 'auto' ? availableParallelism() : document.workers,
    admin,
    session: resolveSession(document.session, { place, report, isWrong: findings.isWrong.bind(findings) }),
    merchantAccounts: document.merchantAccounts.map(account => (typeof account === 'string' ? [account] : account)),
    issuing: resolveIssuing(document, { place, report }),
    limits: { ...limits, maxHeaderBytes: limits.maxHeaderBytes ?? largestHeaderBytes },
    state: resolveState(document.state, place, report),
    cors,
    log: resolveLog(log, place, report),
    audit: resolveAudit(document.audit, place, report),
    tracing: resolveTracing(document.tracing, place, report),
    forwardAuth: document.forwardAuth,
    lameDuckMs,
    drainTimeoutMs,
  }
}

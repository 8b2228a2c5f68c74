import type { Logger } from 'pino'
import type { Config } from '../config/config.ts'
import { ConfigError, describeProblem } from '../config/config-error.ts'
import type { FileSnapshot } from '../config/file-snapshot.ts'
import { policyDigest } from '../config/policy-digest.ts'
import { reloadConfig } from '../config/reloadable.ts'
import { createTriedFiles } from '../config/tried-files.ts'
import { factsOfFault } from '../observability/fault-facts.ts'
import type { ReloadResult } from '../observability/metrics.ts'
import { createReloadHistory, type ReloadNote } from './reload-history.ts'

/** A configuration that is in force, and which one it is: 1 at the start, one more for each that was put in force since. */
export interface Generation {
  readonly config: Config
  readonly generation: number
}

/** What is known about reloads. */
export interface ReloadStatus {
  readonly generation: number
  readonly policyDigest: string
  /** When what is in force was read, as RFC 3339. */
  readonly loadedAt: string
  /** Keys whose new values wait for a restart. */
  readonly needRestart: readonly string[]
  /** What was wrong with the files when they were last read; none: what they hold is in force. */
  readonly problems: readonly string[]
}

/** Reads the configuration again while the gateway runs. */
export interface Reloading {
  readonly current: () => Generation
  readonly status: () => ReloadStatus
  /** What was read lately, newest first: the configuration of the start, and each reload. */
  readonly history: () => readonly ReloadNote[]
  /** Reads the files, and puts what they say in force or keeps what is. Never rejects. */
  reload(): Promise<ReloadResult>
  /** The same with what another process has read. */
  use(next: Generation): Promise<ReloadResult>
  /** Reloads whenever one of the files has changed. */
  watch(): void
  unwatch(): void
}

export interface ReloadingOptions {
  readonly config: Config
  /** Of that configuration. Default 1. */
  readonly generation?: number
  /** Puts a configuration in force, at once or, when it rejects, not at all. */
  readonly apply: (next: Generation) => Promise<void>
  /** Told of every reload. @param problems how much was found wrong */
  readonly onResult: (result: ReloadResult, problems: number) => void
  readonly logger: Logger
  /** Milliseconds since the epoch. Default: the system clock. */
  readonly now?: () => number
}

/**
 * Reloads one at a time. A configuration that is not fit as a whole changes nothing: the last good one stays in force, and
 * the log and `/status` say what is wrong.
 */
export function createReloading(options: ReloadingOptions): Reloading {
  const { apply, onResult, logger, now = Date.now } = options
  let current: Generation = { config: options.config, generation: options.generation ?? 1 }
  let loadedAt = now()
  let needRestart: readonly string[] = []
  let problems: readonly string[] = []
  let underWay: Promise<ReloadResult> = Promise.resolve('success')
  const history = createReloadHistory(now)
  const files = createTriedFiles(filesOf(options.config), () => void inTurn(readAgain))

  const status = (): ReloadStatus => ({
    generation: current.generation,
    policyDigest: policyDigest(current.config.policy),
    loadedAt: new Date(loadedAt).toISOString(),
    needRestart,
    problems,
  })
  history.note('success', status())

  async function take(read: () => Generation): Promise<ReloadResult> {
    try {
      const { config: next, generation } = read()
      const reloaded = reloadConfig(current.config, next)
      await apply({ config: reloaded.config, generation })
      current = { config: reloaded.config, generation }
      loadedAt = now()
      needRestart = reloaded.needRestart
      problems = []
      files.note(filesOf(next), true)
      return accept()
    } catch (error) {
      if (!(error instanceof ConfigError))
        return refuse([`a fault of the gateway itself (${factsOfFault(error).name})`])
      // Files that are named but not good yet are watched too: they may become so.
      files.note(error.files(), false)
      return refuse(error.problems.map(describeProblem))
    }
  }

  function readAgain(): Generation {
    const { config, generation } = current
    return { config: config.source?.readAgain() ?? config, generation: generation + 1 }
  }

  function inTurn(read: () => Generation): Promise<ReloadResult> {
    underWay = underWay.then(() => take(read))
    return underWay
  }

  function accept(): ReloadResult {
    const { generation, policyDigest: policy } = status()
    logger.info(
      { event: 'configuration_loaded', config_generation: generation, policy },
      'the configuration is in force',
    )
    if (needRestart.length > 0)
      logger.warn({ event: 'restart_needed', keys: needRestart }, 'these keys have new values that wait for a restart')
    history.note('success', status())
    onResult('success', 0)
    return 'success'
  }

  function refuse(found: readonly string[]): ReloadResult {
    problems = found
    logger.error(
      { event: 'configuration_refused', config_generation: current.generation, problems },
      'the changed configuration is not fit; the one in force stays',
    )
    history.note('failure', status())
    onResult('failure', found.length)
    return 'failure'
  }

  return {
    current: () => current,
    status,
    history: history.list,
    reload: () => inTurn(readAgain),
    use: next => inTurn(() => next),
    watch: files.watch,
    unwatch: files.unwatch,
  }
}

function filesOf({ source }: Config): FileSnapshot['files'] {
  return source?.snapshot.files ?? {}
}

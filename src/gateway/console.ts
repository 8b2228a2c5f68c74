import type { ConsoleParts } from '../admin/console-routes.ts'
import type { AdminParts } from './admin.ts'

/** What the console of a running gateway asks. */
export function consolePartsOf(parts: AdminParts): ConsoleParts {
  const { activity, reloading, readiness, workers, metrics, sessions, issuance } = parts
  const { ledger, revocations } = sessions
  return {
    activity,
    config: () => reloading.current().config,
    configuration: reloading.status,
    history: reloading.history,
    readiness,
    workers,
    metrics,
    ledger,
    revocations,
    issued: () => issuance?.counts().issued ?? {},
    now: Date.now,
  }
}

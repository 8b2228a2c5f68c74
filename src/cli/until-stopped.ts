import { type ExitCode, exitCodes, type Io } from './command.ts'

const stopSignals = ['SIGTERM', 'SIGINT'] as const

export interface Running {
  /** Lets what is under way finish, then closes everything. */
  stop(): Promise<void>
  /** Whether SIGHUP means "read the configuration again" here. Otherwise it ends the process, as it does by default. */
  readonly reloads: boolean
}

/**
 * Waits for a signal to stop. The first lets the work finish; whoever sends a second does not want to wait.
 *
 * @returns 0 when everything was stopped in order, 1 when it was cut short
 */
export async function untilStopped({ stop, reloads }: Running, { signals, stderr }: Io): Promise<ExitCode> {
  const explain = (): void => void stderr.write('SIGHUP: reload is not available yet; restart to apply changes.\n')
  if (reloads) signals.on('SIGHUP', explain)
  try {
    await nextStop(signals)
    const finished = stop().then(() => exitCodes.fine)
    return await Promise.race([finished, nextStop(signals).then(() => exitCodes.no)])
  } finally {
    if (reloads) signals.off('SIGHUP', explain)
  }
}

function nextStop(signals: Io['signals']): Promise<void> {
  return new Promise(resolve => {
    const listener = (): void => {
      for (const signal of stopSignals) signals.off(signal, listener)
      resolve()
    }
    for (const signal of stopSignals) signals.on(signal, listener)
  })
}

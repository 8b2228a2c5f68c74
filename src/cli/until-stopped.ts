import { type ExitCode, exitCodes, type Io, type Signals } from './command.ts'

const stopSignals = ['SIGTERM', 'SIGINT'] as const

export interface Running {
  /** Lets what is under way finish, then closes everything. */
  stop(): Promise<void>
  /** The same after an error that nobody caught, which has been reported on standard error. Default: `stop`. */
  fail?(error: unknown): Promise<void>
  /** Whether SIGHUP means "read the configuration again" here. Otherwise it ends the process, as it does by default. */
  readonly reloads: boolean
}

/** What ends a command: a signal, or an error that nobody caught. */
type Cause = { readonly isFault: false } | { readonly isFault: true; readonly error: unknown }

/**
 * Waits for a signal to stop, or a fault. The first lets the work finish; whoever sends a second signal does not want to
 * wait, and after a second fault there is nothing to wait for.
 *
 * @returns 0 when everything was stopped in order, 1 when a signal cut it short, 70 when there was a fault
 */
export async function untilStopped(
  { stop, fail = stop, reloads }: Running,
  { signals, stderr }: Io,
): Promise<ExitCode> {
  const explain = (): void => void stderr.write('SIGHUP: reload is not available yet; restart to apply changes.\n')
  if (reloads) signals.on('SIGHUP', explain)
  try {
    const cause = await nextCause(signals)
    const finished = cause.isFault
      ? fail(cause.error).then(() => exitCodes.internalFault)
      : stop().then(() => exitCodes.fine)
    const cutShort = nextCause(signals).then(({ isFault }) =>
      isFault || cause.isFault ? exitCodes.internalFault : exitCodes.no,
    )
    return await Promise.race([finished, cutShort])
  } finally {
    if (reloads) signals.off('SIGHUP', explain)
  }
}

function nextCause(signals: Signals): Promise<Cause> {
  return new Promise(resolve => {
    const end = (cause: Cause): void => {
      for (const signal of stopSignals) signals.off(signal, onSignal)
      signals.off('uncaughtException', onFault)
      resolve(cause)
    }
    const onSignal = (): void => end({ isFault: false })
    const onFault = (error: unknown): void => end({ isFault: true, error })
    for (const signal of stopSignals) signals.on(signal, onSignal)
    signals.on('uncaughtException', onFault)
  })
}

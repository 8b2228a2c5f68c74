import { type ExitCode, exitCodes, type Io, type Signals } from './command.ts'

const stopSignals = ['SIGTERM', 'SIGINT'] as const

export interface Running {
  /** Lets what is under way finish, then closes everything. */
  stop(): Promise<void>
  /** The same after an error that nobody caught, which has been reported on standard error. Default: `stop`. */
  fail?(error: unknown): Promise<void>
  /** Reads the configuration again, on SIGHUP. Absent: that signal ends the process, as it does by default. */
  reload?(): void
  /** Opens the files of its logs again, on SIGUSR2. Absent: that signal ends the process, as it does by default. */
  reopenLogs?(): void
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
  { stop, fail = stop, reload, reopenLogs }: Running,
  { signals }: Io,
): Promise<ExitCode> {
  if (reload) signals.on('SIGHUP', reload)
  if (reopenLogs) signals.on('SIGUSR2', reopenLogs)
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
    if (reload) signals.off('SIGHUP', reload)
    if (reopenLogs) signals.off('SIGUSR2', reopenLogs)
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

/** What a command ends with. Scripts rely on the numbers. */
export const exitCodes = {
  fine: 0,
  /** The answer is no: the request would be refused, the token is not in order. Also: stopped by force. */
  no: 1,
  wrongUsage: 2,
  internalFault: 70,
  wrongConfiguration: 78,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export interface Output {
  write(text: string): unknown
}

/** Everything that a command reads and writes. In the program these are the process's own; in tests they are not. */
export interface Io {
  readonly stdout: Output
  readonly stderr: Output
  readonly stdin: AsyncIterable<Uint8Array | string>
  readonly env: NodeJS.ProcessEnv
  readonly signals: Signals
}

/** Signals of the process, and its faults: errors that nobody caught, rejections included. */
export interface Signals {
  on(signal: NodeJS.Signals, listener: () => void): unknown
  on(fault: 'uncaughtException', listener: (error: unknown) => void): unknown
  off(signal: NodeJS.Signals, listener: () => void): unknown
  off(fault: 'uncaughtException', listener: (error: unknown) => void): unknown
}

/** One command of the program. */
export interface Command {
  /** What `--help` prints: at most 24 lines of 80 columns, with an example. */
  readonly help: string
  /** @param args what stands after the name of the command */
  run(args: readonly string[], io: Io): ExitCode | Promise<ExitCode>
}

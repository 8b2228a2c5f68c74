import { EventEmitter } from 'node:events'
import type { ExitCode, Io } from '../../src/cli/command.ts'
import { run } from '../../src/cli/run.ts'

export interface Result {
  readonly code: ExitCode
  readonly out: string
  readonly err: string
}

export interface Surroundings {
  readonly stdin?: string
  readonly env?: NodeJS.ProcessEnv
}

/** Runs a command line as the program would, and gathers what it writes. */
export async function runCommand(args: readonly string[], surroundings: Surroundings = {}): Promise<Result> {
  const running = startCommand(args, surroundings)
  return { code: await running.exit, out: running.out(), err: running.err() }
}

export interface RunningCommand {
  readonly exit: Promise<ExitCode>
  readonly signals: EventEmitter
  out(): string
  err(): string
  /** Waits until standard output holds a text; rejects when the command ends before. */
  until(text: string): Promise<void>
}

/** The same for a command that runs until a signal comes. */
export function startCommand(args: readonly string[], { stdin = '', env = {} }: Surroundings = {}): RunningCommand {
  const signals = new EventEmitter()
  const written = new EventEmitter()
  let out = ''
  let err = ''
  const io: Io = {
    stdout: {
      write(text) {
        out += text
        written.emit('written')
      },
    },
    stderr: {
      write(text) {
        err += text
      },
    },
    stdin: chunks(stdin),
    env,
    signals,
  }
  const exit = run(args, io)
  return {
    exit,
    signals,
    out: () => out,
    err: () => err,
    until: text =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (out.includes(text)) resolve()
        }
        written.on('written', look)
        look()
        exit.then(code => reject(new Error(`ended with ${code} before it wrote "${text}": ${out}${err}`)), reject)
      }),
  }
}

/** In two parts, so that no reader relies on getting everything at once. */
async function* chunks(text: string): AsyncGenerator<Buffer> {
  const octets = Buffer.from(text)
  const middle = Math.floor(octets.length / 2)
  yield octets.subarray(0, middle)
  yield octets.subarray(middle)
}

#!/usr/bin/env node
import process from 'node:process'
import { processEnvironment } from '../config/process-environment.ts'
import type { Io } from './command.ts'
import { reportFault, run } from './run.ts'

const io: Io = {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: processEnvironment(),
  signals: process,
}

for (const stream of [process.stdout, process.stderr]) stream.on('error', onOutputError)
process.on('uncaughtException', endFaulty)

const exitCode = await run(process.argv.slice(2), io)
// A command that is done is done, whatever handle is still open. What it wrote goes out first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))

/** What serves others hears of it, too, and ends in order. */
function endFaulty(error: unknown): void {
  const exitCode = reportFault(error, io)
  if (!isServing()) process.exit(exitCode)
}

/**
 * `forage-gateway routes … | head -1` closes the pipe early: nobody reads on, and that is no fault. A full disk is one, but
 * not for what serves others.
 */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && !isServing()) throw error
}

/** A command that runs until it is stopped listens for faults itself. */
function isServing(): boolean {
  return process.listenerCount('uncaughtException') > 1
}

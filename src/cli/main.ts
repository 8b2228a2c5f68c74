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

for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe)
process.on('uncaughtException', error => process.exit(reportFault(error, io)))

const exitCode = await run(process.argv.slice(2), io)
// A command that is done is done, whatever handle is still open. What it wrote goes out first.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))

/** `forage-gateway routes … | head -1` closes the pipe early: nobody reads on, and that is no fault. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

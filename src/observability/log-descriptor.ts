import { constants, fstatSync, openSync, type Stats } from 'node:fs'
import process from 'node:process'

/** Appends; and neither opening nor writing ever waits for a reader, where the path is a named pipe. */
const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK

/**
 * Opens what log lines are written to.
 *
 * A pipe at standard output or error is made one that does not block: Node does so when its stream is first asked for. One
 * that blocks would hold a thread of Node's pool while its reader does not read, and would keep the process from exiting.
 *
 * @param destination `stdout`, `stderr`, or an absolute path
 * @throws the platform's error when the path cannot be opened; ENXIO: a named pipe that nobody reads
 */
export function openLogDescriptor(destination: string): number {
  if (destination !== 'stdout' && destination !== 'stderr') return openSync(destination, flags, 0o640)
  void process[destination]
  return destination === 'stdout' ? 1 : 2
}

/** What is no descriptor is no file either: then writing will tell. */
export function isRegularFile(fd: number): boolean {
  return factsOf(fd)?.isFile() ?? false
}

export function isSameFile(one: number, other: number): boolean {
  const [facts, others] = [factsOf(one), factsOf(other)]
  return facts !== undefined && facts.dev === others?.dev && facts.ino === others.ino
}

function factsOf(fd: number): Stats | undefined {
  try {
    return fstatSync(fd)
  } catch {
    return undefined
  }
}

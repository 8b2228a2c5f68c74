import { constants, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { GatewayError } from '../gateway-error.ts'
import { type AuditEnd, maxLineOctets, readAuditLine } from './audit-line.ts'

/** Never waits for a reader, should it be a pipe. Read as well: the chain goes on from the last line. */
const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK

/**
 * Opens a trail to append to it.
 *
 * @throws GatewayError ERR_FORAGE_LOG when it cannot be opened
 */
export function openAuditFile(path: string): number {
  try {
    return openSync(path, flags, 0o640)
  } catch (cause) {
    const message = `The audit file ${path} cannot be opened (${codeOf(cause)}). Check that its folder exists and that this user may read and write there.`
    throw new GatewayError('ERR_FORAGE_LOG', message, { cause })
  }
}

/** What became of octets that were to be appended. */
export interface Appended {
  /** How many were. */
  readonly octets: number
  /** Why not all of them were: the system's code, such as `ENOSPC`. */
  readonly fault?: string
}

/** Appends to a regular file, which waits for nobody. */
export function append(fd: number, octets: Uint8Array): Appended {
  let written = 0
  try {
    while (written < octets.length) written += writeSync(fd, octets, written)
    return { octets: written }
  } catch (error) {
    return { octets: written, fault: codeOf(error) }
  }
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | null)?.code ?? 'unknown error'
}

/** How a file ends. */
export interface FileEnd {
  readonly size: number
  /** The last line; undefined where none was found. */
  readonly end: AuditEnd | undefined
  /** What stands after it and is no line, without a line end: a write that broke off. Empty where it is too much to tell. */
  readonly rest: Buffer
  readonly lacksLineEnd: boolean
}

/** A whole line, and half of one. */
const maxTailOctets = 2 * maxLineOctets
const lineEnd = 0x0a

/** No trail gets there: a line that says so was written by somebody who wants the numbers to run out. */
const maxSeqToGoOnFrom = 2 ** 51

/** Reads how a file ends, and no more of it than that. */
export function readFileEnd(fd: number): FileEnd {
  const { size } = fstatSync(fd)
  const tail = readTail(fd, size)
  const lacksLineEnd = tail.length > 0 && tail.at(-1) !== lineEnd
  const found = findLastLine(tail)
  if (found) return { size, end: found.end, rest: withoutLineEnd(tail.subarray(found.stop + 1)), lacksLineEnd }
  const rest = tail.length === size ? tail : tail.subarray(0, 0)
  return { size, end: undefined, rest: withoutLineEnd(rest), lacksLineEnd }
}

function readTail(fd: number, size: number): Buffer {
  const tail = Buffer.alloc(Math.min(size, maxTailOctets))
  let length = 0
  while (length < tail.length) {
    const octets = readSync(fd, tail, length, tail.length - length, size - tail.length + length)
    if (octets === 0) break
    length += octets
  }
  return tail.subarray(0, length)
}

/** The last line that is whole: that its end was not written any more does not matter. */
function findLastLine(tail: Buffer): { readonly end: AuditEnd; readonly stop: number } | undefined {
  for (let stop = tail.length; stop > 0; ) {
    const start = tail.lastIndexOf(lineEnd, stop - 1) + 1
    const line = readAuditLine(tail.subarray(start, stop))
    if (line && line.seq < maxSeqToGoOnFrom) return { end: { chain: line.chain, seq: line.seq, hash: line.hash }, stop }
    stop = start - 1
  }
  return undefined
}

function withoutLineEnd(octets: Buffer): Buffer {
  return octets.at(-1) === lineEnd ? octets.subarray(0, -1) : octets
}

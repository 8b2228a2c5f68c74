import { closeSync, openSync, readSync } from 'node:fs'
import { blockOctets, createOctetScan } from './scan-octets.ts'
import type { Finding } from './scan-text.ts'
import { recogniseEncoding } from './text-encoding.ts'

/** Octets that tell a binary file. Most files that are text end within them. */
const headOctets = 65_536

export interface FileScan {
  readonly findings: readonly Finding[]
  readonly octets: number
  readonly isBinary: boolean
}

/**
 * Searches one file. It reads synchronously: a scan has nothing else to do meanwhile, and most files are small.
 *
 * @param now seconds since the epoch
 * @param block where to read to, of an even length; one for all files
 * @throws what `node:fs` throws
 */
export function scanFile(path: string, now: number, block: Buffer): FileScan {
  const file = openSync(path, 'r')
  try {
    const head = fill(file, block.subarray(0, Math.min(headOctets, block.length)))
    if (!recogniseEncoding(block.subarray(0, head))) return { findings: [], octets: 0, isBinary: true }
    return scanFrom(file, now, block, head)
  } finally {
    closeSync(file)
  }
}

/** @param head octets that the block already holds */
function scanFrom(file: number, now: number, block: Buffer, head: number): FileScan {
  const scan = createOctetScan(now)
  const findings: Finding[] = []
  let octets = 0
  let isLast = false
  for (let filled = head; !isLast; filled = 0) {
    const length = filled + fill(file, block.subarray(filled))
    isLast = length < block.length
    octets += length
    for (const finding of scan.add(block.subarray(0, length), isLast) ?? []) findings.push(finding)
  }
  return { findings, octets, isBinary: false }
}

/** Reads until a buffer is full or the file ends; a pipe gives what it has. */
function fill(file: number, buffer: Buffer): number {
  let length = 0
  while (length < buffer.length) {
    const octets = readSync(file, buffer, length, buffer.length - length, null)
    if (octets === 0) break
    length += octets
  }
  return length
}

/** A block for `scanFile`. */
export function createBlock(): Buffer {
  return Buffer.allocUnsafeSlow(blockOctets)
}

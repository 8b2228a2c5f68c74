import { createTextScan, type Finding, type TextScan } from './scan-text.ts'
import { recogniseEncoding, type TextEncoding } from './text-encoding.ts'

/** Octets that are searched at once: memory is bounded by a few times as many, whatever the size of a file. Even. */
export const blockOctets = 1_048_576

/** Searches the octets of one file, block by block. */
export interface OctetScan {
  /**
   * @param block of an even length, but for the last one
   * @returns undefined when the file is a binary one: there is no need to read on
   */
  add(block: Buffer, isLast: boolean): Finding[] | undefined
}

/** @param now seconds since the epoch */
export function createOctetScan(now: number): OctetScan {
  let encoding: TextEncoding | undefined
  let scan: TextScan | undefined
  return {
    add(block, isLast) {
      if (encoding && scan) return scan.add(encoding.decode(block), isLast)
      encoding = recogniseEncoding(block)
      if (!encoding) return undefined
      scan = createTextScan(encoding, now)
      return scan.add(encoding.decode(block.subarray(encoding.markLength)), isLast)
    },
  }
}

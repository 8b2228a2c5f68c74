import type { FileScan } from './scan-file.ts'
import { blockOctets, createOctetScan } from './scan-octets.ts'
import type { Finding } from './scan-text.ts'

/**
 * Searches what a stream brings.
 *
 * @param now seconds since the epoch
 */
export async function scanStream(stream: AsyncIterable<Uint8Array | string>, now: number): Promise<FileScan> {
  const scan = createOctetScan(now)
  const findings: Finding[] = []
  let octets = 0
  for await (const { block, isLast } of inBlocks(stream)) {
    octets += block.length
    const found = scan.add(block, isLast)
    if (!found) return { findings, octets: 0, isBinary: true }
    for (const finding of found) findings.push(finding)
  }
  return { findings, octets, isBinary: false }
}

/** Pipes bring little at a time: it is gathered, since each part costs the search of what parts have in common. */
async function* inBlocks(
  stream: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<{ readonly block: Buffer; readonly isLast: boolean }> {
  const block = Buffer.allocUnsafeSlow(blockOctets)
  let length = 0
  for await (const chunk of stream) {
    let rest = Buffer.from(chunk)
    while (rest.length > 0) {
      const copied = rest.copy(block, length)
      rest = rest.subarray(copied)
      length += copied
      if (length < block.length) continue
      yield { block, isLast: false }
      length = 0
    }
  }
  yield { block: block.subarray(0, length), isLast: true }
}

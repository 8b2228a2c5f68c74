import { maxLineOctets } from '../observability/audit-line.ts'

/** A line of a file, without its end. */
export interface TextLine {
  readonly octets: Buffer
  /** It is longer than any that is looked at; its octets are not kept. */
  readonly isOverlong: boolean
  /** Whether it ends as lines do: the last one of a file may not. */
  readonly isEnded: boolean
}

const lineEnd = 0x0a
const nothing = Buffer.alloc(0)

/** Cuts a stream into lines. Keeps one line at most, and no more of it than a line may have. */
export async function* readLines(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<TextLine> {
  let parts: Buffer[] = []
  let length = 0
  const take = (isEnded: boolean): TextLine => {
    const isOverlong = length > maxLineOctets
    const octets = isOverlong ? nothing : Buffer.concat(parts)
    parts = []
    length = 0
    return { octets, isOverlong, isEnded }
  }
  const keep = (part: Buffer): void => {
    length += part.length
    if (length <= maxLineOctets) parts.push(part)
    else parts = []
  }
  for await (const chunk of stream) {
    const block = Buffer.from(chunk)
    let start = 0
    for (let stop = block.indexOf(lineEnd); stop >= 0; stop = block.indexOf(lineEnd, start)) {
      keep(block.subarray(start, stop))
      yield take(true)
      start = stop + 1
    }
    keep(block.subarray(start))
  }
  if (length > 0) yield take(false)
}

/** The groups of the address that is being read. One for all: reading one ends before the next begins. */
const groups = new Uint16Array(8)
const colon = 0x3a
const percentSign = 0x25

/**
 * What stands for a client address in counts: an IPv4 address, the first 64 bits of an IPv6 address (the least that one
 * subscriber is given, who may choose the other half at will), the IPv4 address inside `::ffff:0:0/96`. In one spelling,
 * and fast, since each request asks. What is no address stands for itself.
 */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address
  if (!readGroups(address.includes('.') ? withoutDots(address) : address)) return address
  const isMapped = group(0) + group(1) + group(2) + group(3) + group(4) === 0 && group(5) === 0xffff
  if (isMapped) return `${group(6) >> 8}.${group(6) & 255}.${group(7) >> 8}.${group(7) & 255}`
  return `${group(0).toString(16)}:${group(1).toString(16)}:${group(2).toString(16)}:${group(3).toString(16)}::/64`
}

function group(index: number): number {
  return groups[index] as number
}

/** The last 32 bits may be written as an IPv4 address (RFC 4291 §2.2). */
function withoutDots(address: string): string {
  const tail = address.lastIndexOf(':') + 1
  const [a = 0, b = 0, c = 0, d = 0] = address.slice(tail).split('.').map(Number)
  return `${address.slice(0, tail)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

/** @returns false when the text is no IPv6 address */
function readGroups(text: string): boolean {
  groups.fill(0)
  let [count, gapAt, value, digits] = [0, -1, 0, 0]
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const digit = hexadecimal(code)
    if (digit >= 0) {
      value = value * 16 + digit
      digits++
      continue
    }
    if (code === percentSign) break
    if (code !== colon || count === 8) return false
    if (digits > 0) groups[count++] = value
    else if (index > 0) gapAt = count
    value = 0
    digits = 0
  }
  if (digits > 0) groups[count++] = value
  if (gapAt < 0 || count > 7) return count === 8
  spread(gapAt, count)
  return true
}

/** Moves the groups behind the gap to the end. */
function spread(gapAt: number, count: number): void {
  groups.copyWithin(8 - count + gapAt, gapAt, count)
  groups.fill(0, gapAt, 8 - count + gapAt)
}

/** @returns -1 for what is no hexadecimal digit */
function hexadecimal(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const letter = code | 32
  return letter >= 97 && letter <= 102 ? letter - 87 : -1
}

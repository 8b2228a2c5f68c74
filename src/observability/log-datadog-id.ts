/**
 * How Datadog writes the id of a trace or span: the decimal number of its last 64 bits.
 *
 * @param id hexadecimal, 16 digits at least. As a big integer 0.2 µs; arithmetic in halves takes no less
 */
export function datadogId(id: string): string {
  return BigInt(`0x${id.slice(-16)}`).toString()
}

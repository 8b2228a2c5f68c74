/**
 * The wait that an answer asks for, in seconds; undefined where it asks for none that can be understood. Only the form in
 * seconds counts (RFC 9110 §10.2.3): a date depends on clocks that need not agree.
 */
export function retryAfterOf(rawFields: readonly (Buffer | string)[]): number | undefined {
  for (let index = 0; index < rawFields.length; index += 2) {
    if (String(rawFields[index]).toLowerCase() !== 'retry-after') continue
    const text = String(rawFields[index + 1])
    return /^\d{1,6}$/.test(text) ? Number(text) : undefined
  }
  return undefined
}

/** A command line that cannot be understood. Its message says what to write; it never repeats a value. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

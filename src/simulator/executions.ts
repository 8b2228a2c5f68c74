/** One request that reached the code behind a route, whatever that answered. */
export interface Execution {
  readonly method: string
  /** Decoded, without the query. */
  readonly path: string
  readonly idempotencyKey: string | null
  /** SHA-256 of the request body, hexadecimal. */
  readonly bodySha256: string
  readonly status: number
}

/** Most executions kept. */
export const maxExecutions = 10_000

/** The latest executions, and how many there were in all. */
export class ExecutionLog {
  readonly entries: Execution[] = []
  count = 0

  add(execution: Execution): void {
    this.count += 1
    this.entries.push(execution)
    // Dropped in batches: taking one off the front of a long array each time would move all the others.
    if (this.entries.length > maxExecutions * 1.1) this.entries.splice(0, this.entries.length - maxExecutions)
  }

  clear(): void {
    this.entries.length = 0
    this.count = 0
  }
}

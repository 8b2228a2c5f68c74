/** Figures of issuing since the start. */
export interface IssuingCounts {
  /** Session tokens that were handed out, by use case. */
  readonly issued: Readonly<Record<string, number>>
  /** The gateway's own credentials that a client sent. */
  readonly leaks: number
}

export interface IssuingCounters {
  noteIssued(useCase: string): void
  noteLeak(): void
  snapshot(): IssuingCounts
}

/** @param useCases the configured ones: no other is ever counted */
export function createIssuingCounters(useCases: readonly string[]): IssuingCounters {
  const issued = new Map(useCases.map(useCase => [useCase, 0]))
  let leaks = 0
  return {
    noteIssued: useCase => void issued.set(useCase, (issued.get(useCase) ?? 0) + 1),
    noteLeak: () => void leaks++,
    snapshot: () => ({ issued: Object.fromEntries(issued), leaks }),
  }
}

import type { Ledger } from '../session/ledger.ts'
import { invalidInput } from './admin-call.ts'

/** Where names of use cases may stand. */
export interface KnownUseCases {
  /** Those that the configuration and its policy name; none of them: there may be any. */
  readonly named: () => ReadonlySet<string>
  /** Whether another replica may have registered names that nothing here tells of. */
  readonly mayBeOthers: () => boolean
  /** Sessions keep a name that a reload has taken away, or that was registered while the policy named none. */
  readonly ledger: Pick<Ledger, 'entries'>
}

/**
 * A misspelt name would be taken for done, and end nothing. The one that was sent is not repeated.
 *
 * @returns whether anything here tells of it
 * @throws AdminRefusal where it can be none
 */
export function requireKnownUseCase(useCase: string, { named, mayBeOthers, ledger }: KnownUseCases): boolean {
  const names = named()
  if (names.has(useCase) || isOnRecord(useCase, ledger)) return true
  if (names.size === 0 || mayBeOthers()) return false
  throw invalidInput(`"useCase" is none of: ${[...names].join(', ')}.`)
}

/** Looks at the whole ledger, which is done for no name but an unknown one, and for nobody without the admin token. */
function isOnRecord(useCase: string, ledger: KnownUseCases['ledger']): boolean {
  for (const { provenance } of ledger.entries()) if (provenance.useCase === useCase) return true
  return false
}

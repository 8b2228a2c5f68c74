import type { Session } from '../session/session.ts'

/** What one client may ask for. The gate asks; whoever counts stands further out. */
export interface ClientLimits {
  /**
   * Whether an address has been refused so often that it looks like guessing.
   *
   * @returns 0, or the seconds until it is heard again
   */
  guessing(address: string): number
  /**
   * Counts a request that is about to be forwarded.
   *
   * @returns 0, or the seconds until the session or the address may ask again; a promise where others count too
   */
  admit(address: string, session: Session): number | Promise<number>
  /** Counts a refusal. */
  noteDenial(address: string): void
}

/** Any client may ask for anything. */
export const noClientLimits: ClientLimits = { guessing: () => 0, admit: () => 0, noteDenial() {} }

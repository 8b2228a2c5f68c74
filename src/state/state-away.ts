import { GatewayError } from '../gateway-error.ts'

/**
 * The fault of a shared state that cannot be asked. It has no `cause`: the errors of a Redis client hold the command that
 * failed, and so at times a password.
 *
 * @param reason one word, from {@link reasonOf}
 */
export function stateAway(reason: string): GatewayError {
  return new GatewayError('ERR_FORAGE_STATE_AWAY', `the shared state is away (${reason})`)
}

/** A reply that no honest server gives to the command. */
export class UnreadableReply extends Error {
  override readonly name = 'UnreadableReply'
  readonly code = 'UNREADABLE_REPLY'
}

/** The state was found to have lost what it had acknowledged. */
export class DataLost extends Error {
  override readonly name = 'DataLost'
  readonly code = 'DATA_LOST'
}

/** No answer in time. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut'
  readonly code = 'ETIMEDOUT'
}

/**
 * Why a command or a connection failed, in one word of capital letters that is safe to log: a code of Node's, or the
 * first word of an error reply. Never a message: that of a failed sign-in repeats what was sent.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN'
  const { code } = error as { readonly code?: unknown }
  if (typeof code === 'string' && isWord(code)) return code
  if (error.message === 'Command timed out') return 'ETIMEDOUT'
  if (error.message === 'Connection is closed.') return 'ECLOSED'
  const [first = ''] = error.message.split(' ', 1)
  return error.name === 'ReplyError' && isWord(first) ? first : 'UNKNOWN'
}

/** Whether a command failed for its own key only, which says nothing about the state as a whole. */
export function isOfOneKey(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError' && ['WRONGTYPE', 'ERR'].includes(reasonOf(error))
}

function isWord(text: string): boolean {
  return /^[A-Z][A-Z0-9_]{1,39}$/.test(text)
}

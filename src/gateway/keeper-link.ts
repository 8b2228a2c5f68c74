import type { LedgerEntry } from '../session/ledger.ts'
import type { AskOthers } from '../session/verify-session.ts'
import type { Issuance } from './issuing.ts'
import type { BlockedRequest } from './leaks.ts'

type IssueOutcome = Awaited<ReturnType<Issuance['issue']>>

/** What a worker wants of its keeper. */
export type KeeperCall =
  | { readonly kind: 'issue'; readonly id: number; readonly useCase?: string; readonly customer?: string }
  /** Whether a token is on record, by its digest. */
  | { readonly kind: 'find'; readonly id: number; readonly digest: string }
  | { readonly kind: 'blocked'; readonly blocked: BlockedRequest }

/** What the keeper answers. Absent entry: no such token is on record. */
export type KeeperReply =
  | { readonly kind: 'issued'; readonly id: number; readonly outcome: IssueOutcome }
  | { readonly kind: 'found'; readonly id: number; readonly entry?: LedgerEntry }
  /** It cannot be known now. */
  | { readonly kind: 'unknown'; readonly id: number }

/** The worker's end of the pipe to its keeper. */
export interface KeeperLink {
  readonly issuance: Issuance
  readonly askOthers: AskOthers
  hear(reply: KeeperReply): void
  /** The keeper is gone: nothing will be answered any more. */
  close(): void
}

export function createKeeperLink(send: (call: KeeperCall) => void): KeeperLink {
  const waiting = new Map<number, (reply: KeeperReply) => void>()
  let nextId = 0
  let isClosed = false

  function call(make: (id: number) => KeeperCall): Promise<KeeperReply> {
    const id = nextId++
    if (isClosed) return Promise.resolve({ kind: 'unknown', id })
    return new Promise(resolve => {
      waiting.set(id, resolve)
      send(make(id))
    })
  }

  return {
    issuance: {
      async issue(useCase, customer) {
        const names = { ...(useCase !== undefined && { useCase }), ...(customer !== undefined && { customer }) }
        const reply = await call(id => ({ kind: 'issue', id, ...names }))
        return reply.kind === 'issued' ? reply.outcome : { reason: 'overloaded', retryAfterSec: 1 }
      },
      noteBlocked: blocked => send({ kind: 'blocked', blocked }),
    },
    async askOthers(digest) {
      const reply = await call(id => ({ kind: 'find', id, digest }))
      if (reply.kind !== 'found') throw new Error('the keeper does not know')
      return reply.entry
    },
    hear(reply) {
      waiting.get(reply.id)?.(reply)
      waiting.delete(reply.id)
    },
    close() {
      isClosed = true
      for (const [id, resolve] of waiting) resolve({ kind: 'unknown', id })
      waiting.clear()
    },
  }
}

export interface KeeperParts {
  /** Null: no session tokens are issued. */
  readonly issuance: Issuance | null
  /** Rejects when it cannot be known now. */
  readonly find: AskOthers
}

/** Answers what a worker wants. @returns undefined: nothing is to be said */
export async function answerWorker(
  call: KeeperCall,
  { issuance, find }: KeeperParts,
): Promise<KeeperReply | undefined> {
  if (call.kind === 'blocked') {
    issuance?.noteBlocked(call.blocked)
    return undefined
  }
  const { id } = call
  try {
    if (call.kind === 'find') {
      const entry = await find(call.digest)
      return entry ? { kind: 'found', id, entry } : { kind: 'found', id }
    }
    if (issuance) return { kind: 'issued', id, outcome: await issuance.issue(call.useCase, call.customer) }
    return { kind: 'unknown', id }
  } catch {
    return { kind: 'unknown', id }
  }
}

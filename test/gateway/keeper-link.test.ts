import t from 'tap'
import type { KeeperParts } from '../../src/gateway/keeper-link.ts'
import { answerWorker, createKeeperLink, type KeeperCall, type KeeperLink } from '../../src/gateway/keeper-link.ts'
import type { LedgerEntry } from '../../src/session/ledger.ts'

const issued = { token: 'sandbox_a.b.c', expiresAt: 1_800_000_900, useCase: 'checkout' }
const entry: LedgerEntry = {
  digest: 'd',
  expiresAt: 1_800_000_900,
  provenance: { recordedAt: 1_800_000_000, useCase: 'checkout', scopes: undefined, merchantAccount: 'm', parent: 'p' },
}
const blocked = { texts: ['x'], requestId: 'r', clientAddress: '192.0.2.7', sdkVersion: undefined }

/** A worker's end and its keeper's, with what a pipe does in between. */
function connect(parts: Partial<KeeperParts>): { readonly link: KeeperLink; readonly calls: KeeperCall[] } {
  const calls: KeeperCall[] = []
  const link = createKeeperLink(call => {
    calls.push(call)
    const sent = JSON.parse(JSON.stringify(call)) as KeeperCall
    void answerWorker(sent, { issuance: null, find: async () => undefined, ...parts }).then(reply => {
      if (reply) link.hear(JSON.parse(JSON.stringify(reply)))
    })
  })
  return { link, calls }
}

t.test('a worker gets the token that its keeper obtains, for the use case and customer that it named', async t => {
  const asked: unknown[] = []
  const issue = async (...args: unknown[]) => {
    asked.push(args)
    return issued
  }
  const { link } = connect({ issuance: { issue, noteBlocked() {} } })
  t.same(await link.issuance.issue('balance', 'k1'), issued)
  t.same(await link.issuance.issue(undefined, undefined), issued)
  t.same(asked, [
    ['balance', 'k1'],
    [undefined, undefined],
  ])
})

t.test('answers that come out of turn reach whoever asked', async t => {
  const release: (() => void)[] = []
  const issue = async (useCase: string | undefined) => {
    await new Promise<void>(resolve => release.push(resolve))
    return { ...issued, useCase: useCase as string }
  }
  const { link } = connect({ issuance: { issue, noteBlocked() {} } })
  const both = [link.issuance.issue('one', undefined), link.issuance.issue('two', undefined)]
  for (const each of release.reverse()) each()
  t.match(await Promise.all(both), [{ useCase: 'one' }, { useCase: 'two' }])
})

t.test('a token that another worker has on record is found, one that nobody has is not', async t => {
  const { link } = connect({ find: async digest => (digest === 'd' ? entry : undefined) })
  t.match(await link.askOthers('d'), { digest: 'd', provenance: { useCase: 'checkout', parent: 'p' } })
  t.equal(await link.askOthers('e'), undefined)
})

t.test('what the keeper cannot know is not taken for no', async t => {
  const away = async () => {
    throw new Error('away')
  }
  const { link } = connect({ find: away, issuance: { issue: away, noteBlocked() {} } })
  await t.rejects(link.askOthers('d'))
  t.same(await link.issuance.issue(undefined, undefined), { reason: 'overloaded', retryAfterSec: 1 })
  const { link: other } = connect({})
  t.same(await other.issuance.issue(undefined, undefined), { reason: 'overloaded', retryAfterSec: 1 })
})

t.test('a keeper that is gone answers nobody, neither those who wait nor those who come', async t => {
  const { link } = connect({ find: () => new Promise(() => {}) })
  const waiting = link.askOthers('d')
  link.close()
  await t.rejects(waiting)
  await t.rejects(link.askOthers('d'))
  link.hear({ kind: 'unknown', id: 99 })
})

t.test('a credential that a client sent is told to the keeper, who looks whose it is', async t => {
  const told: unknown[] = []
  const { link, calls } = connect({ issuance: { issue: async () => issued, noteBlocked: each => told.push(each) } })
  link.issuance.noteBlocked(blocked)
  await new Promise(setImmediate)
  t.match(told, [{ texts: ['x'], clientAddress: '192.0.2.7' }])
  t.match(calls, [{ kind: 'blocked' }])
  connect({}).link.issuance.noteBlocked(blocked)
})

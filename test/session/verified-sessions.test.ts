import t from 'tap'
import type { Provenance } from '../../src/session/session.ts'
import { createVerifiedSessions } from '../../src/session/verified-sessions.ts'
import { aSession } from '../fixtures/gate.ts'

t.test('a session is found by the exact text of its token', async t => {
  const sessions = createVerifiedSessions()
  const session = aSession()
  sessions.add('sandbox_a.b.c', session)
  t.equal(sessions.find('sandbox_a.b.c'), session)
  for (const other of ['sandbox_a.b.C', 'sandbox_a.b.c ', 'sandbox_a.b.', '']) t.equal(sessions.find(other), undefined)
})

t.test('a session that was removed is forgotten', async t => {
  const sessions = createVerifiedSessions()
  sessions.add('a', aSession())
  sessions.remove('a')
  sessions.remove('never there')
  t.equal(sessions.find('a'), undefined)
})

t.test('the sessions of a record that is no more are forgotten, and no others', async t => {
  const sessions = createVerifiedSessions()
  const nothing = { useCase: undefined, scopes: undefined, merchantAccount: undefined, parent: undefined }
  const [record, alike] = [1, 2].map(() => ({ recordedAt: 1, ...nothing })) as [Provenance, Provenance]
  for (const [token, provenance] of Object.entries({ a: record, b: alike, c: undefined }))
    sessions.add(token, aSession({ provenance }))
  sessions.removeOf(record)
  t.same(
    ['a', 'b', 'c'].map(token => sessions.has(token)),
    [false, true, true],
  )
})

t.test('past the most sessions, the one that was used longest ago goes', async t => {
  const sessions = createVerifiedSessions({ maxSessions: 2 })
  for (const token of ['a', 'b']) sessions.add(token, aSession())
  sessions.find('a')
  sessions.add('c', aSession())
  t.same(
    ['a', 'b', 'c'].map(token => sessions.find(token) !== undefined),
    [true, false, true],
  )
})

t.test('past the most characters, the one that was used longest ago goes', async t => {
  const sessions = createVerifiedSessions({ maxCharacters: 10 })
  sessions.add('aaaa', aSession())
  sessions.add('bbbbbb', aSession())
  t.ok(sessions.find('aaaa'))
  sessions.add('c', aSession())
  t.same(
    ['aaaa', 'bbbbbb', 'c'].map(token => sessions.find(token) !== undefined),
    [true, false, true],
  )
})

t.test('what is looked up is counted, found or not; what is only asked about is not', async t => {
  const sessions = createVerifiedSessions({ maxSessions: 2 })
  t.same([sessions.hits, sessions.misses], [0, 0])
  for (const token of ['a', 'b']) sessions.add(token, aSession())
  for (const token of ['a', 'b', 'c']) sessions.find(token)
  t.same(
    ['a', 'c'].map(token => sessions.has(token)),
    [true, false],
  )
  t.same([sessions.hits, sessions.misses], [2, 1])
})

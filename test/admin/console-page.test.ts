import t from 'tap'
import type { ConsoleData } from '../../src/admin/console-data.ts'
import { consolePage } from '../../src/admin/console-page.ts'
import { defaultPolicy } from '../fixtures/config.ts'

const note = {
  at: '2026-11-22T14:00:00.000Z',
  generation: 2,
  policyDigest: 'd2',
  needRestart: ['workers'],
  problems: [],
}
const quiet = { p50: null, p99: null }
const data: ConsoleData = {
  at: Date.parse('2026-11-22T14:03:05.000Z'),
  isReady: false,
  checks: { draining: 'yes' },
  workers: { configured: 1, live: 1, restarts: 0 },
  inflight: 0,
  windowSec: 900,
  intervalSec: 5,
  series: { time: [], allowed: [], denied: [], oursP50: [], oursP99: [], upstreamP50: [], upstreamP99: [] },
  totals: { requests: 0, allowed: 0, denied: 0, answered: 0, faults: 0, reported: 0, ours: quiet, upstream: quiet },
  reasons: [],
  budget: [{ egress: '192.0.2.10', remaining: 80, allowance: 900 }],
  configuration: {
    ...{ generation: 2, policyDigest: 'd2', loadedAt: note.at, needRestart: ['workers'] },
    problems: ['listen.<port>: must be a number'],
    history: [
      { ...note, result: 'failure', problems: ['listen.<port>: must be a number'] },
      { ...note, result: 'success' },
    ],
  },
}
const decision = {
  number: 1,
  time: data.at,
  method: 'GET',
  route: '/api/orders/{ref}/',
  status: 200,
  decision: 'allow',
}
const reported = { reason: null, would_deny: 'scope_insufficient', scope: 'orders', use_case: null, session: null }

t.test('a page of a gateway in trouble says what is wrong, and shows names as they are written', async t => {
  const facts = {
    version: '1',
    environment: 'sandbox',
    upstream: 'https://a',
    verify: 'ledger',
    proves: 'p',
    state: 's',
  }
  const text = consolePage({
    facts: { ...facts, verify: 'ledger', workers: 1 },
    policy: { ...defaultPolicy(), scopeClaim: null },
    data,
    decisions: [{ ...decision, ...reported, decision: 'allow', duration_ms: 12.6 }],
    sessions: { useCases: [], total: 0, revocations: 3 },
    hasToken: true,
  })
  for (const part of [
    '<span class="badge bad" id="readiness">not ready</span>',
    'as of 14:03:05 UTC',
    '<li>listen.&lt;port&gt;: must be a number</li>',
    '<li><code>workers</code></li>',
    '<span class="verdict deny">refused</span>',
    'Requests left from 192.0.2.10',
    '(reported: scope_insufficient)',
    '13 ms',
    'No claim of a token narrows this.',
    'type="password"',
  ])
    t.ok(text.includes(part), part)
  t.notMatch(text, /<div class="notice(?: bad)?" id="(?:problems|need-restart)" hidden/)
  t.match(text, /id="no-reasons">Nothing was refused/)
  t.notMatch(text, 'Several processes')
})

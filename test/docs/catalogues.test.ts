import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { reasonWords } from '../../src/explaining/reason-words.ts'
import { denials, edgeDenials, type Reason } from '../../src/gate/reasons.ts'
import { metricsCatalogue } from '../../src/observability/metrics-catalogue.ts'
import { documents, spansOf } from './markdown.ts'

const read = (file: string): string => readFileSync(file, 'utf8')
const reasons = Object.keys(denials) as Reason[]
const spans = documents.flatMap(spansOf)

/** Rows of docs/reasons.md: reason, status, code. */
const rows = [...read('docs/reasons.md').matchAll(/^\| `(\w+)` \| (\d{3}) `(\w+)` \| (.+?) \| (.+?) \|$/gm)]

t.test('docs/reasons.md has each reason once, with the status and the code that clients get', async t => {
  const documented = Object.fromEntries(
    rows.map(([, reason, status, code]) => [reason, { status: Number(status), code }]),
  )
  t.equal(rows.length, reasons.length, 'as many rows as reasons')
  t.same(
    documented,
    Object.fromEntries(reasons.map(reason => [reason, { status: denials[reason].status, code: denials[reason].code }])),
  )
})

t.test('the README lists each reason under its status', async t => {
  const [, table = ''] = /## Why was a request refused\?(.*?)\n## /s.exec(read('README.md')) ?? []
  const listed = [...table.matchAll(/^\| ([\d, ]+) \| (.+) \|$/gm)].flatMap(([, statuses = '', names = '']) =>
    [...names.matchAll(/`([a-z_]+)`/g)].map(([, reason = '']) => ({
      reason,
      statuses: statuses.split(', ').map(Number),
    })),
  )
  t.same(listed.map(({ reason }) => reason).sort(), [...reasons].sort())
  t.same(
    listed.filter(({ reason, statuses }) => !statuses.includes(denials[reason as Reason]?.status)),
    [],
  )
})

t.test(
  'every sentence that a client gets ends as one, and says nothing of tokens that would help a guesser',
  async t => {
    for (const { message, challenge, check } of [...Object.values(denials), ...Object.values(edgeDenials)]) {
      t.match(message, /^[A-Z"].*[a-z."]$/)
      if (check === 'token' && challenge === 'invalid_token')
        t.match(message, /^This (?:session token is not valid\. Request a new one|token has expired)/)
    }
  },
)

t.test('what an operator is told of a reason begins in the midst of a sentence, and is one of its own', async t => {
  const words = Object.values(reasonWords)
  t.equal(new Set(words).size, reasons.length)
  for (const text of words) t.match(text, /^(?:[a-z"]|[A-Z]{2,}|Forage)[^\n]{10,}[^.]$/)
})

t.test('every metric of ours that a document names is one that there is', async t => {
  const names = documents.flatMap(({ file, prose, blocks }) =>
    [...[prose, ...blocks.map(({ text }) => text)].join('\n').matchAll(/\bforage_gateway_(\w+)/g)].map(
      ([, name = '']) => ({ file, name }),
    ),
  )
  t.ok(names.length > 40)
  t.same(
    names.filter(
      ({ name }) => !(name in metricsCatalogue || name.replace(/_(?:bucket|sum|count)$/, '') in metricsCatalogue),
    ),
    [],
  )
})

t.test('every alert that a document names is one of the rules, and each page has its runbook', async t => {
  const rules = parse(read('deploy/prometheus/alerts.yaml')) as {
    groups: { rules: { alert: string; labels: { severity: string } }[] }[]
  }
  const alerts = rules.groups.flatMap(group => group.rules)
  const named = spans.filter(({ text }) => /^ForageGateway\w+$/.test(text))
  t.same(
    named.filter(({ text }) => !alerts.some(({ alert }) => alert === text)),
    [],
  )
  const runbooks = read('docs/runbooks.md')
  const pages = alerts.filter(({ labels }) => labels.severity === 'page').map(({ alert }) => alert)
  t.same(
    pages.filter(alert => !runbooks.includes(`\`${alert}\``)),
    [],
  )
})

t.test('each event that the log can have is a row of the runbooks, and the other way round', async t => {
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => read(join('src', file)))
    .join('\n')
  const events = [...sources.matchAll(/(?:logger\??\.\w+\(\s*|const what = )\{\s*event: '(\w+)'/g)].map(
    ([, event = '']) => event,
  )
  const ofIssuing = [...read('src/observability/issuing-log.ts').matchAll(/^ {2}(\w+): \[\s*'\w+'/gm)].map(
    ([, event = '']) => event,
  )
  const documented = [...read('docs/runbooks.md').matchAll(/^\| `(\w+)` \| (?:info|warn|error) \|/gm)].map(
    ([, event = '']) => event,
  )
  t.same(documented.sort(), [...new Set([...events, ...ofIssuing])].sort())
})

t.test('CONTRIBUTING.md has a row for each room of the source', async t => {
  const rooms = readdirSync('src', { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)
  const listed = [...read('CONTRIBUTING.md').matchAll(/^\| `src\/(\w+)` \|/gm)].map(([, room = '']) => room)
  t.same(listed.sort(), rooms.sort())
})

t.test('every file of ours that CONTRIBUTING.md, SECURITY.md and the threat model name is there', async t => {
  const named = documents
    .filter(({ file }) => ['CONTRIBUTING.md', 'SECURITY.md', 'docs/threat-model.md', 'docs/runbooks.md'].includes(file))
    .flatMap(spansOf)
    .filter(({ text }) => /^(?:src|test|config|deploy|docs|scripts)\/[\w./-]+$/.test(text))
  t.ok(named.length > 20)
  t.same(
    named.filter(({ text }) => !existsSync(text)),
    [],
  )
})

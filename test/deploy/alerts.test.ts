import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import { metricsOf } from '../fixtures/metric-names.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { promtool } from '../fixtures/scrape.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: Readonly<Record<string, string>>
}

interface RuleTest {
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts?: readonly object[] }[]
}

const folder = 'deploy/prometheus'
const { groups } = parse(readFileSync(`${folder}/alerts.yaml`, 'utf8')) as { groups: { rules: Rule[] }[] }
const rules = groups.flatMap(group => group.rules)
const { tests } = parse(readFileSync(`${folder}/alerts.test.yaml`, 'utf8')) as { tests: RuleTest[] }

t.test('promtool accepts the alert rules, and their tests pass', { skip: missingPart('promtool') }, async t => {
  t.equal(promtool(['check', 'rules', `${folder}/alerts.yaml`]), '')
  t.equal(promtool(['test', 'rules', `${folder}/alerts.test.yaml`]), '')
})

for (const { alert, expr, labels, annotations } of rules) {
  t.test(
    `${alert} is tested when it fires and when it does not, and says who is called and what it is about`,
    async t => {
      const checks = tests.flatMap(test => test.alert_rule_test).filter(({ alertname }) => alertname === alert)
      t.ok(checks.some(({ exp_alerts = [] }) => exp_alerts.length > 0))
      t.ok(checks.filter(({ exp_alerts = [] }) => exp_alerts.length === 0).length >= 2)
      t.match(labels.severity, /^(?:page|ticket)$/)
      t.same(Object.keys(annotations), ['summary', 'description'])
      t.same(metricsOf(expr).unknown, [])
    },
  )
}

t.test('the documents tell what to do on every alert, and on no other', async t => {
  const text = readFileSync('docs/operations.md', 'utf8')
  const rows = [...text.matchAll(/^\| `(ForageGateway\w+)` \| (\w+) \|/gm)].map(
    ([, name, severity]) => `${name} ${severity}`,
  )
  t.same(
    rows,
    rules.map(({ alert, labels }) => `${alert} ${labels.severity}`),
  )
})

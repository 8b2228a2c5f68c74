import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { metricsCatalogue, metricsPrefix } from '../../src/observability/metrics-catalogue.ts'
import { metricsOf } from '../fixtures/metric-names.ts'
import { missingPart } from '../fixtures/real-part.ts'
import { promtool } from '../fixtures/scrape.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number }
  readonly targets?: readonly { readonly expr: string }[]
}

interface Dashboard {
  readonly uid: string
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly { readonly name: string }[] }
  readonly annotations: { readonly list: readonly { readonly expr: string }[] }
}

const dashboard = JSON.parse(readFileSync('deploy/grafana/dashboard.json', 'utf8')) as Dashboard
const targets = dashboard.panels.flatMap(({ targets = [] }) => targets)
const expressions = [...targets, ...dashboard.annotations.list].map(({ expr }) => expr)

t.test('every query asks for metrics that there are, and every metric of ours is asked for', async t => {
  for (const expression of expressions) t.same(metricsOf(expression).unknown, [], expression)
  const asked = new Set(expressions.flatMap(expression => metricsOf(expression).named))
  const missing = Object.keys(metricsCatalogue).filter(
    name => !['', '_bucket', '_sum', '_count'].some(part => asked.has(metricsPrefix + name + part)),
  )
  t.same(missing, [])
})

t.test('queries use the variables of the dashboard, and those that Grafana has', async t => {
  const known = [...dashboard.templating.list.map(({ name }) => name), '__rate_interval', '__range']
  const used = JSON.stringify(dashboard).matchAll(/\$\{?(\w+)\}?/g)
  t.same(
    [...new Set([...used].map(([, name]) => name))].filter(name => !known.includes(name as string)),
    ['__all'],
  )
})

t.test('panels have numbers of their own, and none lies over another', async t => {
  const { panels } = dashboard
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const cells = panels.flatMap(({ gridPos: { h, w, x, y } }) =>
    Array.from({ length: h * w }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
  )
  t.equal(new Set(cells).size, cells.length)
  t.ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24))
})

t.test('promtool can read every query', { skip: missingPart('promtool') }, async t => {
  const rules = expressions.map((expression, index) => ({
    record: `query_${index}`,
    expr: expression.replaceAll(/\$__\w+/g, '5m').replaceAll(/\$\w+/g, '.*'),
  }))
  const folder = t.testdir({ 'rules.json': JSON.stringify({ groups: [{ name: 'dashboard', rules }] }) })
  t.equal(promtool(['check', 'rules', join(folder, 'rules.json')]), '')
})

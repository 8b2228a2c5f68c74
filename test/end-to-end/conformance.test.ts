import { readFileSync } from 'node:fs'
import t from 'tap'
import { expectConformance } from '../fixtures/conformance-exchange.ts'
import { conformanceFronts } from '../fixtures/conformance-fronts.ts'
import { conformanceGate } from '../fixtures/conformance-gate.ts'
import { conformanceRequests } from '../fixtures/conformance-requests.ts'

t.test('the list has at least 150 requests, each with a name of its own', async t => {
  t.ok(conformanceRequests.length >= 150, `${conformanceRequests.length} requests`)
  const names = conformanceRequests.map(({ name }) => name)
  t.same(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
  )
})

const gate = await conformanceGate()

for (const front of conformanceFronts) {
  t.test(`${front.name} gives every verdict of the list, but for the differences that it lists`, async t => {
    await expectConformance(t, front, gate, conformanceRequests)
  })

  t.test(`docs/plugins.md tells of each difference of ${front.name}`, async t => {
    const rows = readFileSync('docs/plugins.md', 'utf8')
      .split('\n')
      .filter(line => line.startsWith('|'))
    for (const name of Object.keys(front.differences)) {
      t.ok(
        conformanceRequests.some(request => request.name === name),
        `${name} is in the list`,
      )
      t.ok(
        rows.some(row => row.includes(`| ${front.name} |`) && row.includes(name)),
        `${name} is in the docs`,
      )
    }
  })
}

import { reasonWords } from '../explaining/reason-words.ts'
import type { Reason } from '../gate/reasons.ts'
import { showPath } from '../scan/show-path.ts'
import type { Coverage } from './test-policy-coverage.ts'
import type { CaseResult, TrialOutcome } from './test-policy-trial.ts'

/** How the cases went, for people: what did not go as expected, a summary, and what no case shows. */
export function describeResults(results: readonly CaseResult[], coverage: Coverage | null): string {
  const failures = groupsOf(results.filter(({ isAsExpected }) => !isAsExpected))
  const wrong = failures.reduce((sum, group) => sum + group.length, 0)
  const summary = `${counted(results.length, 'case')}: ${results.length - wrong} as expected, ${wrong} not\n`
  return `${failures.map(group => `${describeFailure(group)}\n`).join('')}${summary}${coverage ? describeCoverage(coverage) : ''}`
}

type Group = readonly [CaseResult, ...CaseResult[]]

/** Requests of one case that met the same are told together. */
function groupsOf(failures: readonly CaseResult[]): readonly Group[] {
  const groups = new Map<string, [CaseResult, ...CaseResult[]]>()
  for (const failure of failures) {
    const { verdict, route } = failure.got
    const key = JSON.stringify([failure.of.line, verdict, route])
    const group = groups.get(key)
    if (group) group.push(failure)
    else groups.set(key, [failure])
  }
  return [...groups.values()]
}

function describeFailure(group: Group): string {
  const [{ of, got }] = group
  const name = of.name === undefined ? '' : ` ${showPath(of.name)}`
  const lines = [
    `${of.file}:${of.line}${name}`,
    ...group.map(({ request }) => `    request   ${showPath(request)}`),
    `  - expected  ${expectationOf(group)}`,
    `  + got       ${describeVerdict(got.verdict)}`,
  ]
  if (got.route !== null) lines.push(`    route     ${got.route}, scope ${got.scope}`)
  if (got.granted !== null) lines.push(`    granted   ${got.granted.join(', ') || 'no scope'}`)
  if (got.nearest !== null) lines.push(`    nearest   ${got.nearest}`)
  return `${lines.join('\n')}\n`
}

function expectationOf([{ of }]: Group): string {
  const scope = of.scope === undefined ? '' : `, scope ${of.scope}`
  return `${of.expect}${of.route === undefined ? '' : `, route ${showPath(of.route)}`}${scope}`
}

function describeVerdict(verdict: string): string {
  const words = reasonWords[verdict as Reason] as string | undefined
  return words === undefined ? verdict : `${verdict}: ${words}`
}

function describeCoverage({ routes, neverAllowed, neverRefused, neverGranted, isWhole }: Coverage): string {
  const whole = `coverage: each of ${counted(routes, 'route')} is let through, and refused for lack of scope\n`
  const part = `coverage: of ${counted(routes, 'route')}, ${neverAllowed.length} are never let through, ${neverRefused.length} never refused for lack of scope\n`
  return [
    isWhole ? whole : part,
    ...neverAllowed.map(route => `  never let through        ${route}\n`),
    ...neverRefused.map(route => `  never refused for scope  ${route}\n`),
    ...neverGranted.map(route => `  never granted            ${route}\n`),
  ].join('')
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The same for programs. */
export function resultsJson(results: readonly CaseResult[], coverage: Coverage | null): string {
  const failures = results.filter(({ isAsExpected }) => !isAsExpected)
  return JSON.stringify({
    fine: failures.length === 0 && (coverage?.isWhole ?? true),
    cases: results.length,
    asExpected: results.length - failures.length,
    failures: failures.map(({ of, request, got }) => ({
      file: of.file,
      line: of.line,
      name: of.name ?? null,
      request,
      expected: { verdict: of.expect, route: of.route ?? null, scope: of.scope ?? null },
      got: outcomeJson(got),
    })),
    coverage: coverage && coverageJson(coverage),
  })
}

function coverageJson({ neverAllowed, neverRefused, neverGranted }: Coverage): object {
  return { neverAllowed, neverRefused, neverGranted }
}

function outcomeJson({ verdict, route, scope, granted, nearest }: TrialOutcome): object {
  return { verdict, route, scope, granted, nearest }
}

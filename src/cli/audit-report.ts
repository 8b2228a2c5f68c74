import { showPath } from '../scan/show-path.ts'
import { type Finding, type FindingKind, findingMeanings, type SeqRange } from './audit-findings.ts'
import type { NamedLine, Tally } from './audit-tally.ts'
import type { AuditVerification } from './audit-verification.ts'
import { alignColumns } from './table.ts'

/** What was found out, for people. */
export function describeTrail({ findings, tally }: AuditVerification): string {
  const { all, more, count } = findings
  const lines = all.map(finding => `${describeFinding(finding)}\n`)
  if (more > 0) lines.push(`and ${more} more findings\n`)
  const verdict = count === 0 ? 'no break' : `${count} ${count === 1 ? 'finding' : 'findings'}`
  return `${lines.join('')}${counted(tally.lines, 'line')}, ${verdict}\n${alignColumns(rowsOf(tally))}`
}

/** The same for programs. */
export function trailJson({ findings, tally }: AuditVerification): string {
  const { lines, first, last, policies, restarts, lost, cuts } = tally
  return JSON.stringify({
    fine: findings.count === 0,
    lines,
    first: first ?? null,
    last: last ?? null,
    policies: [...policies].map(([policy, count]) => ({ policy, lines: count })),
    restarts,
    lost,
    cuts,
    findings: findings.all.map(({ kind, place, lines: count, seq }) => ({
      kind,
      ...place,
      lines: count,
      seq: seq ?? null,
      meaning: findingMeanings[kind],
    })),
    findingsLeftOut: findings.more,
  })
}

function rowsOf({ first, last, policies, restarts, lost, cuts }: Tally): string[][] {
  const rows: string[][] = []
  if (first) rows.push(['  first', named(first)])
  if (last) {
    rows.push(['  last', named(last)], ['  hash', last.hash])
    rows.push(['', 'compare it: lines cut off at the end leave no trace in the file'])
  }
  for (const [policy, lines] of policies) rows.push(['  policy', `${showPath(policy)}, ${counted(lines, 'line')}`])
  if (restarts > 0) rows.push(['  restarts', `${restarts} more ${restarts === 1 ? 'chain' : 'chains'}`])
  if (lost > 0) rows.push(['  lost', `${counted(lost, 'line')}, as the gateway itself says`])
  if (cuts > 0) rows.push(['  cut', `${counted(cuts, 'write')} broke off, as the gateway itself says`])
  return rows
}

function named({ seq, time }: NamedLine): string {
  return `seq ${seq}, ${showPath(time)}`
}

/** Findings whose sequence numbers are those of lines that are not there. */
const holes: ReadonlySet<FindingKind> = new Set(['missing', 'unreadable', 'overlong', 'half_line'])

function describeFinding({ kind, place, lines, seq }: Finding): string {
  const { file, line } = place
  const where = kind === 'empty' ? showPath(file) : `${showPath(file)}:${line}`
  const count = lines === 1 ? '' : ` (and the ${counted(lines - 1, 'line')} after)`
  return `${where}: ${kind}: ${findingMeanings[kind]}${count}${describeSeq(seq, holes.has(kind))}`
}

function describeSeq(seq: SeqRange | undefined, isMissing: boolean): string {
  if (!seq) return ''
  const range = seq.from === seq.to ? `seq ${seq.from}` : `seq ${seq.from} to ${seq.to}`
  return isMissing ? `; missing: ${range}` : `; ${range}`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

const units = [
  { name: 'day', seconds: 86_400 },
  { name: 'hour', seconds: 3600 },
  { name: 'minute', seconds: 60 },
  { name: 'second', seconds: 1 },
] as const

/** RFC 3339 in UTC; undefined for a time that no calendar has. @param time seconds since the epoch */
export function timestamp(time: number): string | undefined {
  const date = new Date(time * 1000)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString().replace('.000Z', 'Z')
}

/** `2026-11-22T12:00:00Z (in 14 minutes)`. Both in seconds since the epoch. */
export function describeTime(time: number, now: number): string {
  return `${timestamp(time) ?? 'beyond any calendar'} (${relative(Math.round(time - now))})`
}

/** In the largest unit that fits at least twice, so that 90 minutes do not become "1 hour". */
function relative(seconds: number): string {
  if (seconds === 0) return 'now'
  const distance = Math.abs(seconds)
  const unit = units.find(candidate => distance >= 2 * candidate.seconds) ?? units[3]
  const count = Math.floor(distance / unit.seconds)
  const text = `${count} ${unit.name}${count === 1 ? '' : 's'}`
  return seconds > 0 ? `in ${text}` : `${text} ago`
}

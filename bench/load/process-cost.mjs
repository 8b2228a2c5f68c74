// What a process has used, by the system's own accounting (Linux, /proc). Children count as part of it.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const ticksPerSecond = readTicks()

/** The process and everything that it has started and that still runs. */
export function processTree(pid) {
  const parents = readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => ({ pid: Number(name), parent: Number(statOf(name)?.[1]) }))
  const found = [pid]
  for (const each of found) for (const { pid: child, parent } of parents) if (parent === each) found.push(child)
  return found
}

/** User and system time, in microseconds. */
export function cpuMicros(pids) {
  return pids.reduce((sum, pid) => {
    const fields = statOf(pid)
    return fields ? sum + ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond : sum
  }, 0)
}

/** Resident memory, in MiB. */
export function residentMiB(pids) {
  return pids.reduce((sum, pid) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return sum + Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024
  }, 0)
}

/** The fields behind the name of the program, which may hold anything: state, parent … */
function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

function readTicks() {
  try {
    return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
  } catch {
    return 100
  }
}

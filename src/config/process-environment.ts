import process from 'node:process'

/** The environment variables of this process. The one place that reads them; everybody else is handed them. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env
}

/** Whether internal faults are printed with where they arose: `FORAGE_GATEWAY_DEBUG=1`. */
export function printsStacks(env: NodeJS.ProcessEnv): boolean {
  return env.FORAGE_GATEWAY_DEBUG === '1'
}

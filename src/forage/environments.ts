/**
 * Forage's environments. The text before the first `_` of every Forage token names the environment it belongs to.
 *
 * `mock` and `local` have no public host: their upstream must be configured.
 */
export const environments = ['mock', 'local', 'dev', 'staging', 'sandbox', 'cert', 'prod'] as const

export type Environment = (typeof environments)[number]

/** Whether a text is exactly (case included) the name of an environment. */
export function isEnvironment(text: string): text is Environment {
  return (environments as readonly string[]).includes(text)
}

/** Environments for development: the only ones where literal secrets and plain-text upstreams off loopback are accepted. */
export function isDevelopment(environment: Environment): boolean {
  return environment === 'mock' || environment === 'local'
}

/** Origin of the Payments API of an environment, or null where Forage publishes none. */
export function apiOrigin(environment: Environment): string | null {
  if (isDevelopment(environment)) return null
  return environment === 'prod' ? 'https://api.joinforage.app' : `https://api.${environment}.joinforage.app`
}

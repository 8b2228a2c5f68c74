/** What a `fetch` takes as its first argument. */
export type FetchInput = Parameters<typeof fetch>[0]

/** Which requests are for the gateway. */
export interface GatewayOrigin {
  /**
   * @returns the absolute URL at the gateway; undefined when the request is for another origin
   * @throws TypeError when that cannot be told
   */
  locate(input: FetchInput): string | undefined
}

/**
 * An absolute URL whose origin every parser reads alike: no user, no backslash, no space, no percent-encoding and
 * nothing beyond ASCII before the path. `URL` is not asked: in React Native it could not tell an origin for years.
 */
const absolute = /^(https?):\/\/([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?(?=[/?#]|$)/i
const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443 }

/** Splits an absolute http(s) URL. @returns undefined for any other text */
export function readOrigin(url: string): { readonly origin: string; readonly rest: string } | undefined {
  const [all = '', scheme = '', host = '', digits = ''] = absolute.exec(url) ?? []
  if (all === '') return undefined
  const name = scheme.toLowerCase()
  const port = digits === '' || Number(digits) === defaultPorts[name] ? '' : `:${Number(digits)}`
  return { origin: `${name}://${host.toLowerCase()}${port}`, rest: url.slice(all.length) }
}

/**
 * Tells requests to the gateway from others.
 *
 * @param baseUrl a URL that {@link readOrigin} reads. Without one, the origin of the first request is the gateway's: at
 * most one origin ever sees a token, and a request to a second one is refused, since it cannot be told which was meant
 */
export function createGatewayOrigin(baseUrl?: string | URL): GatewayOrigin {
  const isGiven = baseUrl !== undefined
  let gateway = isGiven ? readOrigin(String(baseUrl))?.origin : undefined

  return {
    locate(input) {
      const url = urlOf(input)
      const { origin, rest } = readOrigin(url) ?? readPath(url, gateway) ?? {}
      if (origin === undefined || rest === undefined) {
        if (isGiven && isAbsolute(url)) return undefined
        throw new TypeError('the URL must be an absolute one, or begin with one "/"')
      }
      gateway ??= origin
      if (origin === gateway) return `${origin}${rest.startsWith('/') ? '' : '/'}${rest}`
      if (isGiven) return undefined
      throw new TypeError(`this fetch belongs to ${gateway}; give baseUrl to use it with other origins too`)
    },
  }
}

/** A path is at the gateway, or at the page's origin while no gateway is known. */
function readPath(url: string, gateway: string | undefined): ReturnType<typeof readOrigin> {
  if (!url.startsWith('/') || isAbsolute(url)) return undefined
  const origin = gateway ?? pageOrigin()
  return origin === undefined ? undefined : { origin, rest: url }
}

/** With a scheme, or with a host (`//host`, which browsers also read out of `/\host`). */
function isAbsolute(url: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:|\/[/\\])/i.test(url)
}

function pageOrigin(): string | undefined {
  const { location } = globalThis as { location?: { origin?: unknown } }
  return readOrigin(String(location?.origin))?.origin
}

function urlOf(input: FetchInput): string {
  return isRequest(input) ? input.url : String(input)
}

/** By its members: the `Request` of another realm, or of another implementation, is no instance of ours. */
export function isRequest(input: FetchInput): input is Request {
  return typeof input === 'object' && 'url' in input && 'clone' in input
}

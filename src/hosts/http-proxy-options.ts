import { isProtected, isRemovedFromRequest } from '../gate/removed-fields.ts'

/** As much of the options of `http-proxy`, of the server or of one call, as the guard looks at. */
export interface ProxyOptions {
  readonly target?: unknown
  readonly forward?: unknown
  readonly headers?: Readonly<Record<string, unknown>> | undefined
  readonly [option: string]: unknown
}

/** What each option would undo. */
const undoing: Readonly<Record<string, string>> = {
  forward: 'would send the session token and the body to a second place',
  followRedirects: 'would send the session token wherever the upstream says',
  ignorePath: 'would forward another path than the one that was decided about',
  method: 'would forward another method than the one that was decided about',
  xfwd: 'would add to the X-Forwarded-For that the guard sets',
  toProxy: 'is the guard’s to set',
  selfHandleResponse: 'would leave the answer of an upstream that fails to nobody',
  buffer: 'would forward another body than the one that was received',
}

/**
 * Checks that options leave what was decided as it is.
 *
 * @throws TypeError with every option that would not
 */
export function checkProxyOptions(options: ProxyOptions): void {
  const problems = Object.entries(undoing)
    .filter(([name]) => options[name])
    .map(([name, effect]) => `${name}: ${effect}`)
  const path = pathOf(options.target)
  if (path !== '' && path !== '/')
    problems.push(`target: its path ${path} would come before the one that was decided about`)
  for (const name of Object.keys(options.headers ?? {})) {
    if (isSetByGuard(name.toLowerCase())) problems.push(`headers.${name}: is decided about, or set, by the guard`)
  }
  if (problems.length > 0)
    throw new TypeError(`http-proxy cannot be guarded with these options. ${problems.join('. ')}.`)
}

/** `host` is the upstream's own either way. */
function isSetByGuard(name: string): boolean {
  return name !== 'host' && (isRemovedFromRequest(name) || isProtected(name))
}

/** Of a URL as text, as an object, or as the parts of one. */
function pathOf(target: unknown): string {
  if (typeof target === 'string') return URL.canParse(target) ? pathOf(new URL(target)) : ''
  if (typeof target !== 'object' || target === null) return ''
  const { pathname = '', path = '', search = '' } = target as Readonly<Record<string, string | null | undefined>>
  return `${pathname || path || ''}${search ?? ''}`
}

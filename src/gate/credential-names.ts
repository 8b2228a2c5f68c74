/** Names under which query parameters carry a token; compared in lower case with "_" for "-". */
const tokenNames: ReadonlySet<string> = new Set([
  'access_token',
  'api_key',
  'apikey',
  'auth',
  'auth_token',
  'authentication_token',
  'authorization',
  'bearer',
  'bearer_token',
  'forage_token',
  'jwt',
  'oauth_token',
  'session_token',
  'sessiontoken',
  'token',
  'x_key',
])

/**
 * The same for cookies, which no request to Forage needs and which never travel on. A shop on the same site has cookies
 * of its own called `token`, `auth` or `jwt`: those count by their value only.
 */
const cookieNames: ReadonlySet<string> = new Set([
  'access_token',
  'authentication_token',
  'authorization',
  'bearer_token',
  'forage_token',
  'session_token',
  'x_key',
])

/** Names under which OAuth client credentials travel (RFC 6749 §2.3.1). */
const clientCredentialNames: ReadonlySet<string> = new Set(['client_id', 'client_secret', 'clientid', 'clientsecret'])

/** What a query parameter or cookie of this name carries, if it has a value. */
export function credentialNamed(name: string, place: 'query' | 'cookie'): 'token' | 'client' | undefined {
  const plain = name.toLowerCase().replaceAll('-', '_')
  if ((place === 'query' ? tokenNames : cookieNames).has(plain)) return 'token'
  return clientCredentialNames.has(plain) ? 'client' : undefined
}

/** Names under which cookies and query parameters carry a token; compared in lower case with "_" for "-". */
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

/** Names under which OAuth client credentials travel (RFC 6749 §2.3.1). */
const clientCredentialNames: ReadonlySet<string> = new Set(['client_id', 'client_secret', 'clientid', 'clientsecret'])

/** What a parameter of this name carries, if it has a value. */
export function credentialNamed(name: string): 'token' | 'client' | undefined {
  const plain = name.toLowerCase().replaceAll('-', '_')
  if (tokenNames.has(plain)) return 'token'
  return clientCredentialNames.has(plain) ? 'client' : undefined
}

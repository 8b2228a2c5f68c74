import type { AdminConfig } from './config.ts'
import type { ConfigDocument } from './config-schema.ts'
import type { Report } from './read-keys.ts'
import { readSecret, type SecretPlace } from './read-secret.ts'

/** Least octets of the admin token: it ends sessions and lets tokens in. */
const minTokenOctets = 16

/**
 * Completes the admin listener.
 *
 * @param report takes what is wrong
 */
export function resolveAdmin(
  { admin, session, issuing }: ConfigDocument,
  place: SecretPlace,
  report: Report,
): AdminConfig | null {
  // Nobody could ever be let in: a gateway that refuses all is a mistake, not a setting.
  if (session.verify === 'ledger' && !admin?.token && issuing === null) {
    report(
      ['session', 'verify'],
      'is ledger (the default), which lets in tokens that were issued here or registered over the admin listener: set admin.token or issuing, or write verify: signature or upstream',
    )
  }
  if (admin === null) return null
  return {
    host: admin.host,
    port: admin.port,
    token: admin.token === null ? undefined : readToken(admin.token, place, report),
  }
}

function readToken(
  source: NonNullable<NonNullable<ConfigDocument['admin']>['token']>,
  place: SecretPlace,
  report: Report,
): Uint8Array {
  const path = ['admin', 'token']
  const token = readSecret(source, place)
  if ('message' in token) {
    report([...path, ...token.path], token.message)
    return new Uint8Array()
  }
  if (token.length < minTokenOctets)
    report(path, `is too short: use at least ${minTokenOctets} octets, such as "openssl rand -hex 24"`)
  else if (!/^[\x21-\x7e]+$/.test(Buffer.from(token).toString('latin1')))
    report(path, 'must be printable ASCII without spaces: it travels in a header field')
  return token
}

import t from 'tap'
import { hasRequiredClaims } from '../../src/session/required-claims.ts'

const both = { issuer: 'forage', audience: 'gateway' }
const cases: readonly (readonly [claims: object, isFine: boolean])[] = [
  [{ iss: 'forage', aud: 'gateway' }, true],
  [{ iss: 'forage', aud: ['other', 'gateway'] }, true],
  [{ iss: 'forage', aud: [] }, false],
  [{ iss: 'forage', aud: ['other'] }, false],
  [{ iss: 'forage', aud: [['gateway']] }, false],
  [{ iss: 'forage', aud: { gateway: true } }, false],
  [{ iss: 'forage', aud: 'gateway ' }, false],
  [{ iss: 'forage' }, false],
  [{ aud: 'gateway' }, false],
  [{ iss: 'Forage', aud: 'gateway' }, false],
  [{ iss: ['forage'], aud: 'gateway' }, false],
  [{ iss: null, aud: null }, false],
]
for (const [claims, isFine] of cases) {
  t.test(
    `${JSON.stringify(claims)} ${isFine ? 'has' : 'does not have'} the issuer forage and the audience gateway`,
    async t => {
      t.equal(hasRequiredClaims(claims as Record<string, unknown>, both), isFine)
    },
  )
}

t.test('what is not required is not looked at', async t => {
  t.equal(hasRequiredClaims({ iss: 1, aud: 2 }, { issuer: null, audience: null }), true)
  t.equal(hasRequiredClaims({ iss: 'forage', aud: 2 }, { ...both, audience: null }), true)
  t.equal(hasRequiredClaims({ iss: 1, aud: 'gateway' }, { ...both, issuer: null }), true)
})

import t from 'tap'
import { neverRouteOpenedBy } from '../../src/gate/never-routes.ts'
import { parseRouteTemplate, type RouteTemplate } from '../../src/gate/route-template.ts'

const opened: readonly (readonly [route: string, never: string | undefined])[] = [
  ['POST /o/token/', '/o/**'],
  ['GET /o/', '/o/**'],
  ['OPTIONS /o/revoke_token/', '/o/**'],
  ['POST /{any}/token/', '/o/**'],
  ['GET /{any}/', '/o/**'],
  ['POST /api/session_token/', '/api/session_token/**'],
  ['GET /api/session_token/{ref}/', '/api/session_token/**'],
  ['POST /api/sessions/', '/api/sessions/**'],
  ['GET /api/sessions/{ref}/', '/api/sessions/**'],
  ['POST /api/capture_sessions/', '/api/capture_sessions/**'],
  ['POST /api/{any}/', '/api/session_token/**'],
  ['POST /{any}/sessions/', '/o/**'],
  // {any} matches "proxy" too, but a parameter in front matches "o" in the first place.
  ['POST /{any}/api/sessions/', '/o/**'],
  ['POST /api/orders/', 'writes to /api/orders/**'],
  ['PATCH /api/orders/{ref}/', 'writes to /api/orders/**'],
  ['DELETE /api/orders/{ref}/payments/{ref}/', 'writes to /api/orders/**'],
  ['PUT /api/orders/{ref}/', 'writes to /api/orders/**'],
  ['GET /api/orders/{ref}/', undefined],
  ['HEAD /api/orders/{ref}/', undefined],
  ['OPTIONS /api/orders/{ref}/', undefined],
  ['POST /api/payments/{ref}/refunds/', 'writes to /api/payments/{ref}/refunds/**'],
  ['POST /api/payments/{ref}/refunds/collect_pin/', 'writes to /api/payments/{ref}/refunds/**'],
  ['POST /api/payments/{ref}/{action}/', 'writes to /api/payments/{ref}/refunds/**'],
  ['POST /api/payments/abc/refunds/', 'writes to /api/payments/{ref}/refunds/**'],
  ['GET /api/payments/{ref}/refunds/{refund_ref}/', undefined],
  ['POST /api/payments/{ref}/capture/', undefined],
  ['POST /api/payments/', undefined],
  ['GET /api/reporting/orders/', '/api/reporting/**'],
  ['GET /api/merchants/', '/api/merchants/**'],
  ['GET /api/merchants_near_me/', undefined],
  ['POST /api/balance_sessions/', undefined],
  ['GET /api/', undefined],
  ['POST /proxy/api/payments/{ref}/capture/', undefined],
  ['POST /proxy/api/payments/{ref}/refunds/', 'writes to /proxy/api/payments/{ref}/refunds/**'],
  ['POST /proxy/api/sessions/', '/proxy/api/sessions/**'],
  ['POST /proxy/o/token/', '/proxy/o/**'],
  ['POST /proxy/{any}/', '/proxy/o/**'],
  ['GET /proxy/{x}/y/', '/proxy/o/**'],
  ['POST /proxy/', undefined],
  // A server behind the gateway may not tell letter case.
  ['GET /API/sessions/', '/api/sessions/**'],
  ['GET /api/sessionS/{ref}/', '/api/sessions/**'],
  ['GET /API/sessionz/', undefined],
  ['POST /api/Orders/', 'writes to /api/orders/**'],
  ['GET /API/Orders/{ref}/', undefined],
  ['GET /API/Orders/{ref}/Refunds/', '/api/orders/{ref}/refunds/**'],
  ['GET /O/', '/o/**'],
  ['GET /0/', undefined],
  ['POST /Proxy/API/sessions/', '/proxy/api/sessions/**'],
]
for (const [route, never] of opened) {
  t.test(`${route} ${never ? `would open ${never}` : 'opens no never-route'}`, async t => {
    t.equal(neverRouteOpenedBy(parseRouteTemplate(route) as RouteTemplate), never)
  })
}

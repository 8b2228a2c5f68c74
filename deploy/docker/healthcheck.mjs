// HEALTHCHECK of the image, which has neither shell nor curl: exit code 0 when the gateway answers 200, else 1.
//
// HEALTH_URL says where to ask. /livez, the default, is for whoever replaces what is unhealthy, as Swarm does: a gateway
// that drains or sheds load is alive. /readyz is for whoever waits until it can be used, as Compose does.
import process from 'node:process'

const url = process.env.HEALTH_URL ?? 'http://127.0.0.1:9090/livez'
try {
  const { status } = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(3000) })
  process.exit(status === 200 ? 0 : 1)
} catch {
  process.exit(1)
}

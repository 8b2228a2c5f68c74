// Keeps the console up to date, and makes its forms work. Without it the page shows the moment at which it was loaded.
import { startAdminToken } from './admin-token.js'
import { showConfiguration } from './configuration.js'
import { announce, byId, clockTime, setText } from './elements.js'
import { startExplain } from './explain.js'
import { startInspector } from './inspect.js'
import { showNow } from './now.js'
import { watchPlots } from './plots.js'
import { startRevoke } from './revoke.js'
import { showSessions } from './sessions.js'
import { readTail, startTail } from './tail.js'
import { currentView, startViews } from './views.js'

const everyMs = 2000
let isReachable = true
let underWay

async function read(path) {
  const answer = await fetch(path, { credentials: 'omit', redirect: 'error' })
  if (!answer.ok) throw new Error(path)
  return answer.json()
}

async function refresh() {
  const data = await read('/console/data')
  if (currentView() === 'now') {
    showNow(data)
    await readTail(read)
  }
  if (currentView() === 'sessions') showSessions(await read('/console/sessions'))
  showConfiguration(data)
  setText('readiness', data.isReady ? 'ready' : 'not ready')
  byId('readiness').classList.toggle('good', data.isReady)
  byId('readiness').classList.toggle('bad', !data.isReady)
  setText('freshness', `as of ${clockTime(data.at)} UTC`)
}

/** One at a time: two would show the same decisions twice. */
function refreshAndTell() {
  underWay ??= refreshOnce().finally(() => {
    underWay = undefined
  })
  return underWay
}

/** Says once that the gateway is gone, and once that it is back. */
async function refreshOnce() {
  const before = isReachable
  isReachable = await refresh().then(
    () => true,
    () => false,
  )
  byId('freshness').classList.toggle('bad', !isReachable)
  if (before === isReachable) return
  announce(isReachable ? 'The gateway answers again.' : 'The gateway does not answer: what is shown is old.')
  if (!isReachable) setText('freshness', `no answer: ${byId('freshness').textContent}`)
}

async function keepFresh() {
  if (!document.hidden) await refreshAndTell()
  setTimeout(keepFresh, everyMs)
}

document.documentElement.classList.add('js')
startViews(() => void refreshAndTell())
startAdminToken()
startInspector()
startExplain()
startRevoke(() => void refreshAndTell())
startTail()
watchPlots()
await keepFresh()

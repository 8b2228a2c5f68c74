import { byId } from './elements.js'

const links = [...document.querySelectorAll('[data-view]')]
const names = links.map(link => link.dataset.view)
let current = ''

/** The view that is shown. */
export function currentView() {
  return current
}

/** One view at a time. Which one stands in the fragment of the URL, so that it can be linked and gone back to. */
export function startViews(onShown) {
  const title = document.title
  const open = isNavigation => {
    const asked = location.hash.slice(1)
    // The link to the content, and nothing else, names what is no view.
    if (isNavigation && !names.includes(asked)) return
    current = names.includes(asked) ? asked : 'now'
    for (const link of links) {
      const isCurrent = link.dataset.view === current
      byId(link.dataset.view).classList.toggle('current', isCurrent)
      if (isCurrent) link.setAttribute('aria-current', 'page')
      else link.removeAttribute('aria-current')
      if (isCurrent) document.title = `${link.textContent} · ${title}`
    }
    if (isNavigation) byId(`${current}-heading`).focus()
    onShown(current)
  }
  addEventListener('hashchange', () => open(true))
  open(false)
}

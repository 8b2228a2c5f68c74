import { byId, row, setText } from './elements.js'

/** Shows what `/console/sessions` counts. */
export function showSessions({ useCases, total, revocations }) {
  setText('sessions-total', String(total))
  setText('revocations-held', String(revocations))
  const rows = useCases.map(({ useCase, onRecord, issued, scopes }) =>
    row([useCase ?? 'none named', String(onRecord), String(issued), scopes.join(', ')]),
  )
  byId('sessions-by-use-case').replaceChildren(...rows)
}

import type { Region } from '../plan/plan.ts'

/** Which requests, in one line: `POST api.example.com /orders/:id/refund, with header x-beta = 1 (minus /orders/export/refund)`. */
export function regionText (region: Region, mostNames = 5): string {
  const { path, conditions, minus, listeners } = region
  const place = path ?? (region.methods[0] === 'TCP' ? '' : 'what no route takes')
  return [
    methodsText(region.methods),
    ` ${listText(region.hosts, mostNames)}`,
    place === '' ? '' : ` ${place}`,
    conditions.length === 0 ? '' : `, with ${conditions.join(' and ')}`,
    listeners.length === 0 ? '' : `, on listener ${listeners.join(', ')}`,
    minus.length === 0 ? '' : ` (minus ${listText(minus, mostNames)})`
  ].join('')
}

function methodsText (methods: readonly string[]): string {
  if (methods.length === 0) return 'ANY'
  const excluded = methods.flatMap((method) => method.startsWith('not ') ? [method.slice(4)] : [])
  return excluded.length === methods.length ? `ANY but ${excluded.join(', ')}` : methods.join('|')
}

/** The first few, and how many more. */
export function listText (items: readonly string[], most: number): string {
  return items.length <= most ? items.join(', ') : `${items.slice(0, most).join(', ')} and ${items.length - most} more`
}

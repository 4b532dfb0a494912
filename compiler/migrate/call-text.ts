/** Longest line that is not broken. */
const width = 120

/** Prints calls, lists and objects as a person would: on one line where they fit. */
export class CallText {
  readonly #use: (builder: string) => void

  /** `use` hears of builders that data needs: `secret`. */
  constructor (use: (builder: string) => void) {
    this.#use = use
  }

  call (name: string, args: readonly string[]): string { return `${name}(${args.join(', ')})` }

  list (items: readonly string[]): string { return items.length === 0 ? '[]' : broken('[', items, ']') }

  object (members: readonly (readonly [key: string, value: string])[]): string {
    return members.length === 0 ? '{}' : broken('{ ', members.map(([key, value]) => (key === value ? key : `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : dataText(key)}: ${value}`)), ' }')
  }

  /** A value of a document; a reference to a secret becomes a call. */
  data (value: unknown): string {
    if (Array.isArray(value)) return this.list(value.map((item) => this.data(item)))
    if (typeof value !== 'object' || value === null) return dataText(value)
    const entries = Object.entries(value)
    if (entries.length === 1 && entries[0]![0] === '$secret') {
      this.#use('secret')
      return this.call('secret', [dataText(entries[0]![1])])
    }
    return this.object(entries.map(([key, item]) => [key, this.data(item)]))
  }
}

/** A string in single quotes; anything else as JSON has it. */
export function dataText (value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

function broken (open: string, items: readonly string[], close: string): string {
  const line = `${open}${items.join(', ')}${close}`
  if (line.length <= width && !line.includes('\n')) return line
  return `${open.trim()}\n${items.map((item) => item.replace(/^/gm, '  ')).join(',\n')}\n${close.trim()}`
}

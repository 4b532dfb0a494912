import type { HeadEdits } from '../../schema/exchange.ts'
import { invariant } from '../../schema/invariant.ts'
import { isToken } from '../../schema/token.ts'
import { framingFields, safeValue } from './field-value.ts'

const set = 0; const append = 1; const remove = 2

/** Edits to a head, kept as a list and applied when the head is written. */
export class EditList implements HeadEdits {
  readonly #kinds: number[] = []
  readonly #names: string[] = []
  readonly #values: string[] = []

  get length (): number { return this.#kinds.length }

  set (name: string, value: string): void { this.#add(set, name, value) }
  append (name: string, value: string): void { this.#add(append, name, value) }
  remove (name: string): void { this.#add(remove, name, '') }

  truncate (length: number): void {
    if (this.#kinds.length > length) this.#kinds.length = this.#names.length = this.#values.length = length
  }

  /** The head (names and values in turn) after all edits. `reserved` names further lower-case fields that edits cannot touch. */
  apply (raw: readonly string[], reserved?: ReadonlySet<string>): readonly string[] {
    if (this.#kinds.length === 0) return raw
    const replaced = new Set<string>()
    let added: string[] = []
    for (let i = 0; i < this.#kinds.length; i++) {
      const name = this.#names[i]!
      if (framingFields.has(name) || reserved?.has(name) === true) continue
      if (this.#kinds[i] !== append) {
        replaced.add(name)
        if (added.includes(name)) added = without(added, name)
      }
      if (this.#kinds[i] !== remove) added.push(name, this.#values[i]!)
    }
    const kept: string[] = []
    for (let i = 0; i < raw.length; i += 2) if (!replaced.has(raw[i]!.toLowerCase())) kept.push(raw[i]!, raw[i + 1]!)
    return kept.concat(added)
  }

  #add (kind: number, name: string, value: string): void {
    const lower = name.toLowerCase()
    invariant(isToken(name), `${JSON.stringify(name)} is not a field name`)
    this.#kinds.push(kind)
    this.#names.push(lower)
    this.#values.push(safeValue(value))
  }
}

function without (raw: readonly string[], name: string): string[] {
  const kept: string[] = []
  for (let i = 0; i < raw.length; i += 2) if (raw[i] !== name) kept.push(raw[i]!, raw[i + 1]!)
  return kept
}

import type { WitnessRequest } from '../diagnostic.ts'
import type { Fields } from '../exchange.ts'
import type { FieldKind } from '../resolved.ts'
import type { FieldValue } from './field-witness.ts'

/** The fields of a witness that has these values. */
export function witnessFields (values: readonly FieldValue[]): Pick<WitnessRequest, 'headers' | 'query' | 'cookies'> {
  const of = (kind: FieldKind): Readonly<Record<string, string>> =>
    Object.fromEntries(values.flatMap((field) => (field.kind === kind && field.value !== undefined ? [[field.name, field.value]] : [])))
  return { headers: of('header'), query: of('query'), cookies: of('cookie') }
}

/** The fields of a witness, as the matcher asks for them. */
export function fieldsOf ({ headers, query, cookies }: Pick<WitnessRequest, 'headers' | 'query' | 'cookies'>): Fields {
  return { header: (name) => own(headers, name), query: (name) => own(query, name), cookie: (name) => own(cookies, name) }
}

function own (record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

import type { HeadersOptions } from './options.ts'
import { renameInTemplate } from './template.ts'

type Values = Readonly<Record<string, string>>

/** The options with other names for the path parameters in their values. */
export function renameParams ({ request, response }: HeadersOptions, nameOf: (param: string) => string): HeadersOptions {
  const renamed = (values: Values): Values => Object.fromEntries(Object.entries(values).map(([name, value]) => [name, renameInTemplate(value, nameOf)]))
  const edited = <Edits extends { readonly set?: Values, readonly append?: Values }>(edits: Edits): Edits => ({
    ...edits, ...(edits.set === undefined ? {} : { set: renamed(edits.set) }), ...(edits.append === undefined ? {} : { append: renamed(edits.append) })
  })
  return { ...(request === undefined ? {} : { request: edited(request) }), ...(response === undefined ? {} : { response: edited(response) }) }
}

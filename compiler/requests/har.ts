/** A request of a browser's recording (HTTP Archive 1.2), with what was answered. */
export interface HarRequest {
  readonly method: string
  readonly url: string
  /** Without pseudo-header fields, which say again what the URL says. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string | undefined
  readonly status: number | undefined
  readonly startedDateTime: string | undefined
}

interface HarEntry {
  readonly startedDateTime?: string
  readonly request?: { readonly method: string, readonly url: string, readonly headers?: readonly { readonly name: string, readonly value: string }[], readonly postData?: { readonly text?: string } }
  readonly response?: { readonly status?: number }
}

/** The entries of a recording; undefined: it is none. An entry that is no request is undefined. */
export function readHar (value: unknown): readonly (HarRequest | undefined)[] | undefined {
  const entries = (value as { readonly log?: { readonly entries?: readonly HarEntry[] } } | null)?.log?.entries
  return entries?.map(({ request, response, startedDateTime }) => (request === undefined || !URL.canParse(request.url) ? undefined : {
    method: request.method, url: request.url, body: request.postData?.text, status: response?.status, startedDateTime,
    headers: (request.headers ?? []).filter(({ name }) => !name.startsWith(':')).map(({ name, value }) => [name, value] as const)
  }))
}

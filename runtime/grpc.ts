import type { Reply } from './problem.ts'

/** Statuses of gRPC (https://grpc.github.io/grpc/core/md_doc_statuscodes.html) for those of HTTP. */
const statuses: Readonly<Record<number, number>> = {
  400: 13, 401: 16, 403: 7, 404: 12, 405: 12, 408: 4, 413: 8, 421: 14, 429: 8, 431: 8, 499: 1, 500: 13, 502: 14, 503: 14, 504: 4
}

/** Whether a request is a call of gRPC. */
export function isGrpc (contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/grpc(?:$|[+;])/i.test(contentType)
}

/** An answer of the gateway's own as a client of gRPC understands it: status in fields, no body. What asks it to come back later stays. */
export function grpcReply (reply: Reply): Reply {
  const kept = reply.fields.flatMap((name, i) => (i % 2 === 0 && /^(?:retry-after|x-request-id|proxy-status|www-authenticate)$/i.test(name) ? [name, reply.fields[i + 1]!] : []))
  return { ...reply, status: 200, body: '', fields: [...kept, 'Content-Type', 'application/grpc', 'grpc-status', String(statuses[reply.status] ?? 2), 'grpc-message', encodeURIComponent(reply.reason)] }
}

const units: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 0.001, n: 0.000_001 }

/** Milliseconds that a client gives a call (`grpc-timeout`), or undefined. */
export function grpcTimeout (value: string | undefined): number | undefined {
  const match = value === undefined ? null : /^(\d{1,8})([HMSmun])$/.exec(value)
  return match === null ? undefined : Math.max(1, Math.ceil(Number(match[1]) * units[match[2]!]!))
}

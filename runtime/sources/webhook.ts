import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Clock } from '../../schema/policy.ts'

/** Largest webhook body in bytes. */
export const largestHook = 5 * 1024 * 1024

/** Decides whether a webhook is one to act on. It is a hint only: nothing in it is used but its signature. */
export interface WebhookGate {
  admit (headers: IncomingHttpHeaders, body: Uint8Array): WebhookVerdict
}

export interface WebhookVerdict {
  readonly status: 202 | 401 | 409 | 429
  readonly reason: string
}

export interface WebhookOptions {
  /** Shared with the sender. Called for each hook, so that it can rotate. */
  readonly secret: () => string
  readonly clock: Clock
}

/** Hooks at once, and one more every so many milliseconds. */
const burst = 20
const refill = 1_000
/** How far the time of a generic hook may be from ours, in seconds. */
const window = 300
/** Deliveries remembered, to refuse their replay. */
const remembered = 1_000

/**
 * Knows three ways to prove the secret: GitHub's and Gitea's HMAC of the raw body (`X-Hub-Signature-256`), GitLab's token (`X-Gitlab-Token`), and for everything else
 * `X-Gwc-Signature: t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. All comparisons take constant time.
 */
export function createWebhookGate ({ secret, clock }: WebhookOptions): WebhookGate {
  const deliveries = new Set<string>()
  let tokens = burst
  let filled = clock.now()

  function take (): boolean {
    const now = clock.now()
    const more = Math.floor((now - filled) / refill)
    tokens = Math.min(burst, tokens + more)
    filled += more * refill
    if (tokens === 0) return false
    tokens--
    return true
  }

  function replayed (id: string): boolean {
    if (deliveries.has(id)) return true
    deliveries.add(id)
    if (deliveries.size > remembered) deliveries.delete(deliveries.values().next().value!)
    return false
  }

  return {
    admit (headers, body) {
      // Before the signature: checking one must not be something that anybody can ask for without end.
      if (!take()) return { status: 429, reason: 'too many webhooks' }
      const id = proof(headers, body, secret(), clock.wall() / 1000)
      if (id === undefined) return { status: 401, reason: 'the signature is missing or wrong' }
      return replayed(id) ? { status: 409, reason: 'this delivery was taken already' } : { status: 202, reason: 'accepted' }
    }
  }
}

/** The id of the delivery when the sender knows the secret. */
function proof (headers: IncomingHttpHeaders, body: Uint8Array, secret: string, now: number): string | undefined {
  const hub = field(headers, 'x-hub-signature-256')
  if (hub !== undefined) return same(hub, `sha256=${hmac(secret, body)}`) ? field(headers, 'x-github-delivery') ?? field(headers, 'x-gitea-delivery') ?? hub : undefined
  const token = field(headers, 'x-gitlab-token')
  if (token !== undefined) return same(token, secret) ? field(headers, 'x-gitlab-event-uuid') ?? `gitlab ${hmac(secret, body)}` : undefined
  const [, time, hex] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(field(headers, 'x-gwc-signature') ?? '') ?? []
  if (time === undefined || hex === undefined || Math.abs(Number(time) - now) > window) return undefined
  return same(hex, hmac(secret, Buffer.concat([Buffer.from(`${time}.`), body]))) ? hex : undefined
}

function field (headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

function hmac (secret: string, body: Uint8Array): string {
  return createHmac('sha256', secret).update(body).digest('hex')
}

/** Compares digests of both, so that not even the length shows. */
function same (a: string, b: string): boolean {
  const key = 'compare'
  return timingSafeEqual(createHmac('sha256', key).update(a).digest(), createHmac('sha256', key).update(b).digest())
}

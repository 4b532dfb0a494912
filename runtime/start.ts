import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { registry } from '../policies/registry.ts'
import type { AnyPolicy, Clock } from '../schema/policy.ts'
import { startAdmin, startHookServer } from './admin/server.ts'
import type { AdminServer } from './admin/server.ts'
import type { AdminAddress } from './admin/address.ts'
import { accessLine, tcpAccessLine } from './access-line.ts'
import { systemClock } from './clock.ts'
import { createControl } from './control.ts'
import { createDecoder } from './decode-thread.ts'
import type { RuntimeEvent } from './events.ts'
import type { Fleet } from './fleet.ts'
import type { GatewayOptions } from './gateway.ts'
import { createLastKnownGood } from './last-known-good.ts'
import { createSingleFleet } from './single-fleet.ts'
import { follow } from './sources/follow.ts'
import type { LookResult } from './sources/follow.ts'
import type { Source } from './sources/source.ts'
import { createWebhookGate } from './sources/webhook.ts'
import { statusOf } from './status.ts'
import type { Status } from './status.ts'
import { createWorkerFleet } from './workers/fleet.ts'

export interface RuntimeOptions {
  readonly source: Source
  /** Absolute folder of this runtime alone: last-known-good bundles and the admin socket. Made when missing. */
  readonly stateFolder: string
  /** Default: the socket `admin.sock` in the state folder. Null: no admin listener. */
  readonly admin?: AdminAddress | null
  /** `secret`: shared with the sender, read for each hook. Without `listen`, webhooks are taken on the admin listener. */
  readonly webhook?: { readonly secret: () => string, readonly listen?: AdminAddress | undefined } | undefined
  /** Keys (SPKI PEM) of which one must have signed every bundle. Default none: signatures are not asked for. */
  readonly publicKeys?: readonly string[]
  /** Worker processes; 0 (default) and 1: this process serves. */
  readonly workers?: number
  /** Environment of a worker by its number from 1. Default: `env`. */
  readonly workerEnv?: (worker: number) => Readonly<Record<string, string | undefined>>
  /** Where `secret('NAME')` is looked up. Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Folder with one file per secret, before the environment. */
  readonly secretsFolder?: string | undefined
  /** Where this gateway stands; targets of this zone are preferred. */
  readonly zone?: string | undefined
  /** How long a replaced snapshot keeps its tables for exchanges that last, in milliseconds. Default 10 minutes. */
  readonly drainMs?: number
  /** Writes a line of JSON per request with this. Only in a runtime without workers; workers write to their standard output. */
  readonly accessLog?: ((line: string) => void) | undefined
  readonly event?: (event: RuntimeEvent) => void
  /** Ends looks at the source that are under way; `close` does the rest. */
  readonly signal?: AbortSignal
  /** For tests and programs that bring policies of their own; not for runtimes with workers. */
  readonly registry?: ReadonlyMap<string, AnyPolicy>
  readonly clock?: Clock
  /** In [0, 1). */
  readonly random?: () => number
}

/** A running gateway. */
export interface Runtime {
  /** How the first look ended. Without an active bundle after it nothing is served, until the source has a good one. */
  readonly first: LookResult
  readonly admin: AdminAddress | undefined
  readonly webhook: AdminAddress | undefined
  status (): Promise<Status>
  /** Looks at the source now, and tries again what was refused. */
  reload (): Promise<LookResult>
  /** Accepts no more, lets exchanges end for at most `graceMs` (default 30 s), and lets go of everything. */
  close (graceMs?: number): Promise<void>
}

/** Starts serving from a source, and resolves when the first look at it has ended. Rejects when the admin address is taken. */
export async function startRuntime (options: RuntimeOptions): Promise<Runtime> {
  const { source, stateFolder, clock = systemClock, random = Math.random, env = process.env, event = () => {} } = options
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 })
  const decoder = createDecoder()
  const fleet = createFleet(options, { clock, random, env, event })
  const lastKnownGood = createLastKnownGood(join(stateFolder, 'bundles'))
  const control = createControl({ decoder, fleet, lastKnownGood, publicKeys: options.publicKeys ?? [], clock, event })
  const following = follow({ source, control, random, wall: clock.wall, event })
  options.signal?.addEventListener('abort', () => { void following.close() }, { once: true })
  const startedAt = clock.wall()
  let stopping = false

  const status = (): Promise<Status> => statusOf({ source, following, control, fleet, startedAt, stopping })
  const bundle = async (): Promise<Uint8Array | undefined> => {
    const { active } = control
    // Every bundle file ends with its digest.
    return active === undefined ? undefined : (await lastKnownGood.load()).map(({ bytes }) => bytes).find((bytes) => Buffer.from(bytes.subarray(-100)).includes(active.digest))
  }
  const servers = await openServers(options, { status, bundle, reload: following.look, poke: following.poke, clock }).catch(async (error: unknown) => {
    await close(0)
    throw error
  })

  if (source.restoreFirst) await control.restore()
  const first = await following.look()
  if (control.active === undefined) await control.restore()

  return {
    first,
    admin: servers.admin?.address,
    webhook: servers.webhook?.address,
    status,
    reload: following.look,
    async close (graceMs = 30_000) {
      stopping = true
      await close(graceMs)
      await Promise.all([servers.admin?.close(), servers.webhook?.close()])
    }
  }

  async function close (graceMs: number): Promise<void> {
    await following.close()
    await fleet.close(graceMs)
    await decoder.close()
  }
}

interface Hints {
  readonly status: () => Promise<Status>
  readonly bundle: () => Promise<Uint8Array | undefined>
  readonly reload: () => Promise<LookResult>
  readonly poke: () => void
  readonly clock: Clock
}

async function openServers (options: RuntimeOptions, { status, bundle, reload, poke, clock }: Hints): Promise<{ readonly admin: AdminServer | undefined, readonly webhook: AdminServer | undefined }> {
  const { webhook } = options
  const gate = webhook && createWebhookGate({ secret: webhook.secret, clock })
  const address = options.admin === undefined ? { path: join(options.stateFolder, 'admin.sock') } : options.admin
  const admin = address === null
    ? undefined
    : await startAdmin({ address, status, bundle, reload, webhook: gate === undefined || webhook?.listen !== undefined ? undefined : { gate, accepted: poke } })
  if (gate === undefined || webhook?.listen === undefined) return { admin, webhook: undefined }
  try {
    return { admin, webhook: await startHookServer(webhook.listen, gate, poke) }
  } catch (error) {
    await admin?.close()
    throw error
  }
}

function createFleet (options: RuntimeOptions, { clock, random, env, event }: Required<Pick<RuntimeOptions, 'clock' | 'random' | 'env' | 'event'>>): Fleet {
  const { secretsFolder, zone, drainMs, workers = 0 } = options
  if (workers > 1) {
    return createWorkerFleet({ workers, env: options.workerEnv ?? (() => env), secretsFolder, zone, drainMs, accessLog: options.accessLog !== undefined, clock, random, healthEnv: env, event })
  }
  const bug = (error: unknown, where: string): void => { event({ kind: 'bug', error, where }) }
  const { accessLog } = options
  const ended: GatewayOptions['ended'] = accessLog && ((exchange, reason) => { accessLog(accessLine(exchange, reason, clock.wall())) })
  const tcpEnded: GatewayOptions['tcpEnded'] = accessLog && ((listener, end, reason) => { accessLog(tcpAccessLine(listener, end, reason, clock.wall())) })
  return createSingleFleet({ env, secretsFolder, zone, registry: options.registry ?? registry, clock, random, drainMs, bug, ended, tcpEnded, event })
}

import cluster from 'node:cluster'
import { registry } from '../../policies/registry.ts'
import { invariant } from '../../schema/invariant.ts'
import { accessLine, tcpAccessLine } from '../access-line.ts'
import { systemClock } from '../clock.ts'
import { createGateway } from '../gateway.ts'
import type { Gateway } from '../gateway.ts'
import { isRejection, rejection } from '../rejection.ts'
import type { Prepared } from '../swap.ts'
import { createLedgerClient } from './ledger-client.ts'
import type { ToPrimary, ToWorker, WorkerSetup } from './messages.ts'
import { shareLimits } from './share-limits.ts'
import type { WorkerPlace } from './share-limits.ts'

/** Entry of a worker process: serves what the primary process tells it to. */
const clock = systemClock
const send = (message: ToPrimary): void => { if (process.connected) process.send!(message) }
const ledgers = createLedgerClient((questions) => { send({ kind: 'questions', questions }) }, clock.now)
let gateway: Gateway | undefined
let place: WorkerPlace = { worker: 1, workers: 1 }
let prepared: Prepared | undefined

// A terminal signals the whole group; when to stop is for the primary to say.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
cluster.worker!.on('disconnect', () => {
  cluster.worker!.exitedAfterDisconnect = true // or node ends the process at once, and the requests with it
  void end(5_000)
})
process.on('message', (message: ToWorker) => { void take(message) })
send({ kind: 'online' })

function start ({ secretsFolder, zone, drainMs, accessLog }: WorkerSetup): Gateway {
  const bug = (error: unknown, where: string): void => { send({ kind: 'bug', where, text: error instanceof Error ? error.stack ?? error.message : String(error) }) }
  const ended = accessLog ? (...exchange: Parameters<typeof accessLine>) => { process.stdout.write(`${accessLine(...exchange)}\n`) } : undefined
  return createGateway({
    env: process.env, secretsFolder, zone, drainMs, registry, clock, random: Math.random, askLedger: ledgers.ask, bug,
    warn: (where, reason) => { send({ kind: 'warning', where, reason }) },
    reports: (reports) => { send({ kind: 'reports', reports }) },
    tcpEnded: accessLog ? (listener, end, reason) => { process.stdout.write(`${tcpAccessLine(listener, end, reason, clock.wall())}\n`) } : undefined,
    ended: ended === undefined ? undefined : (exchange, reason) => { ended(exchange, reason, clock.wall()) }
  })
}

async function take (message: ToWorker): Promise<void> {
  if (message.kind === 'setup') {
    gateway = start(message.setup)
    place = message.setup.place
    return
  }
  if (message.kind === 'answers') return ledgers.answered(message.answers)
  invariant(gateway !== undefined, 'the first message to a worker is its setup')
  if (message.kind === 'judge') {
    for (const status of message.statuses) gateway.judge(status)
    return
  }
  const { id } = message
  switch (message.kind) {
    case 'prepare': {
      // The primary may have given up waiting for the one before.
      await prepared?.abandon()
      prepared = undefined
      const result = await gateway.prepare(shareLimits(message.bundle, place)).catch((error: unknown) => rejection('prepare', (error as Error).message))
      if (!isRejection(result)) prepared = result
      return send({ kind: 'done', id, result: isRejection(result) ? result : null })
    }
    case 'publish':
      prepared?.publish()
      prepared = undefined
      return send({ kind: 'done', id, result: null })
    case 'abandon':
      await prepared?.abandon()
      prepared = undefined
      return send({ kind: 'done', id, result: null })
    case 'report': return send({ kind: 'done', id, result: gateway.report() })
    case 'close':
      await end(message.graceMs)
  }
}

async function end (graceMs: number): Promise<void> {
  await gateway?.close(graceMs)
  process.exit(0)
}

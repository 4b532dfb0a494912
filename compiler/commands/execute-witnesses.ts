import { invariant } from '../../schema/invariant.ts'
import type { Plan, PlanWitness, WitnessOutcome } from '../plan/plan.ts'
import type { Side } from '../plan/side.ts'
import type { CommandContext } from '../command.ts'
import { startTrial } from './trial-gateway.ts'
import type { TrialGateway } from './trial-gateway.ts'

/** Sends the witnesses of the weightiest regions, at most `most`, through the runtime of both sides. What a client gets is noted in the plan. */
export async function executeWitnesses (plan: Plan, before: Side, after: Side, most: number, { env }: CommandContext): Promise<Plan> {
  if (most === 0 || plan.changes.every(({ regions }) => regions.every(({ witness }) => witness === null))) return plan
  const [old, now] = await Promise.all([before, after].map(({ bundle }) => bundle.listeners.length === 0 ? undefined : startTrial(bundle, { upstreams: 'stub', env })))
  let left = most
  try {
    const changes: Plan['changes'][number][] = []
    for (const change of plan.changes) {
      const regions: typeof change.regions[number][] = []
      for (const region of change.regions) regions.push(region.witness === null || left-- <= 0 ? region : { ...region, witness: await execute(region.witness, names(before, after, region.witness), old, now) })
      changes.push({ ...change, regions })
    }
    return { ...plan, changes }
  } finally {
    await Promise.all([old?.close(), now?.close()])
  }
}

/** The listener has its name of the head, or, where it is gone, of the base; a renamed one has another in the base. */
function names ({ bundle: before }: Side, { bundle: after }: Side, { request }: PlanWitness): { readonly before: string, readonly after: string } {
  const options = after.listeners.find(({ name }) => name === request.listener)
  const same = options === undefined ? undefined : before.listeners.find(({ address, port }) => address === options.address && port === options.port)
  return { before: same?.name ?? request.listener, after: request.listener }
}

async function execute (witness: PlanWitness, listener: { readonly before: string, readonly after: string }, before: TrialGateway | undefined, after: TrialGateway | undefined): Promise<PlanWitness> {
  const was = await tried(witness, 'before', listener.before, before)
  const is = await tried(witness, 'after', listener.after, after)
  return was === undefined || is === undefined ? witness : { ...witness, before: was, after: is, executed: 'runtime' }
}

/** Undefined: the runtime does not read this as a request, such as one with a method that its parser does not know. */
async function tried (witness: PlanWitness, which: 'before' | 'after', listener: string, trial: TrialGateway | undefined): Promise<WitnessOutcome | undefined> {
  const claimed = witness[which]
  if (trial === undefined || claimed.outcome === 'closed') return { ...claimed, status: 0 }
  const { status, route, reason } = await trial.send({ ...witness.request, listener })
  if (route === null && claimed.route !== null && (status === 400 || status === 501)) return undefined
  invariant(claimed.outcome === 'redirect' || route === claimed.route, `${which}: the plan says that ${witness.request.method} ${witness.request.host}${witness.request.path} reaches ${claimed.route ?? 'no route'}, the runtime says ${route ?? reason}`)
  return { ...claimed, status }
}

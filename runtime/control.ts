import type { Revision } from '../schema/bundle.ts'
import type { Clock } from '../schema/policy.ts'
import type { Candidate, Outcome, Provenance } from './candidate.ts'
import type { DecodedBundle } from './decode.ts'
import type { Decoder } from './decode-thread.ts'
import type { RuntimeEvent } from './events.ts'
import type { Fleet } from './fleet.ts'
import type { LastKnownGood } from './last-known-good.ts'
import { isRejection, rejection } from './rejection.ts'
import type { Rejection } from './rejection.ts'
import { listenersOf } from './status.ts'
import { createTurns } from './turns.ts'

/** A bundle that was published. */
export interface Published {
  readonly digest: string
  readonly semanticDigest: string
  readonly name: string
  readonly revision: Revision | null
  readonly provenance: Provenance
  /** Milliseconds since 1970. */
  readonly since: number
  /** From the last-known-good ones, for the source had nothing newer. */
  readonly restored: boolean
}

/** The last bundle that was refused, until a newer one is published. */
export interface Refused {
  readonly revision: string | null
  readonly at: number
  readonly rejection: Rejection
}

/** Decides which bundle is served, and remembers why another is not. */
export interface Control {
  /** Verifies, prepares and publishes a candidate, one after another. Never throws for what is in it. */
  load (candidate: Candidate): Promise<Outcome>
  /** Notes that a source found something that is no candidate: it does not compile, or is not trusted. */
  reject (rejection: Rejection, revision: string | null): void
  /** Serves the newest last-known-good bundle that is still good. False: there is none. */
  restore (): Promise<boolean>
  readonly active: Published | undefined
  readonly previous: Published | undefined
  readonly refused: Refused | undefined
  /** Says why the last publish could not be kept on disk. */
  readonly unsaved: string | undefined
}

export interface ControlOptions {
  readonly decoder: Decoder
  readonly fleet: Fleet
  readonly lastKnownGood: LastKnownGood
  readonly publicKeys: readonly string[]
  readonly clock: Clock
  readonly event: (event: RuntimeEvent) => void
}

export function createControl ({ decoder, fleet, lastKnownGood, publicKeys, clock, event }: ControlOptions): Control {
  let active: Published | undefined
  let previous: Published | undefined
  let refused: Refused | undefined
  let unsaved: string | undefined
  const inTurn = createTurns()

  async function load (candidate: Candidate): Promise<Outcome> {
    const result = await attempt(candidate, false)
    if (typeof result !== 'string') return refuse(result.rejection, result.revision)
    refused = undefined
    const { digest, provenance, restored } = active!
    // The same bundle may come from a newer commit, and a restored one may prove to be the current one.
    if (result === 'unchanged') active = { ...active!, provenance: candidate.provenance, restored: false }
    if (result === 'published' || restored || provenance.commit !== candidate.provenance.commit) await save(digest, candidate)
    if (result === 'unchanged' && restored) event({ kind: 'confirmed', published: active! })
    return { kind: result, digest }
  }

  async function attempt (candidate: Candidate, restored: boolean): Promise<'published' | 'unchanged' | Omit<Refused, 'at'>> {
    const begun = clock.now()
    const { commit } = candidate.provenance
    const bundle = await decoder.decode({ bytes: candidate.bytes, signature: candidate.signature, publicKeys })
    if (isRejection(bundle)) return { rejection: bundle, revision: commit ?? null }
    if (bundle.digest === active?.digest) return 'unchanged'
    const older = candidate.mayRewind ? undefined : olderThan(bundle, active)
    // A bundle that is right by its digest may still be one that no compiler of ours has written.
    const failure = older ?? await fleet.load(bundle).catch((error: unknown) => rejection('prepare', (error as Error).message))
    if (failure !== undefined) return { rejection: failure, revision: commit ?? bundle.revision?.commit ?? bundle.digest }
    previous = active
    active = published(bundle, candidate, restored)
    const milliseconds = clock.now() - begun
    event({ kind: 'published', published: active, listeners: listenersOf(await fleet.report()), milliseconds })
    return 'published'
  }

  function published ({ digest, semanticDigest, name, revision }: DecodedBundle, { provenance }: Candidate, restored: boolean): Published {
    return { digest, semanticDigest, name, revision, provenance, since: clock.wall(), restored }
  }

  async function save (digest: string, candidate: Candidate): Promise<void> {
    try {
      await lastKnownGood.save(digest, candidate)
      unsaved = undefined
    } catch (error) {
      // A full disk is no reason not to serve what is good; it is one to say so.
      unsaved = (error as Error).message
      event({ kind: 'unsaved', reason: unsaved })
    }
  }

  function refuse (failure: Rejection, revision: string | null): Outcome {
    const known = refused !== undefined && refused.revision === revision && refused.rejection.reason === failure.reason
    refused = { revision, at: clock.wall(), rejection: failure }
    // A source that is asked again and again says the same again and again.
    if (!known) event({ kind: 'rejected', refused, serving: active })
    return { kind: 'rejected', rejection: failure }
  }

  return {
    load: (candidate) => inTurn(() => load(candidate)),
    reject: refuse,
    restore: () => inTurn(async () => {
      for (const candidate of await lastKnownGood.load()) {
        const result = await attempt(candidate, true)
        if (typeof result === 'string') return true
        event({ kind: 'unrestored', reason: result.rejection.reason })
      }
      return false
    }),
    get active () { return active },
    get previous () { return previous },
    get refused () { return refused },
    get unsaved () { return unsaved }
  }
}

/** Refuses the replay of an old bundle, which may be a weaker one that was signed once. */
function olderThan (bundle: DecodedBundle, active: Published | undefined): Rejection | undefined {
  const running = active?.revision ?? null
  if (running === null) return undefined
  if (bundle.revision === null) return rejection('trust', 'the bundle names no revision, the active one does; --allow-rewind accepts it')
  if (bundle.revision.sequence >= running.sequence) return undefined
  return rejection('trust', `the bundle is older than the active one (sequence ${bundle.revision.sequence} < ${running.sequence}); --allow-rewind accepts it`)
}

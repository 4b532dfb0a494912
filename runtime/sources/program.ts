import type { Candidate, Outcome } from '../candidate.ts'
import type { Source } from './source.ts'

/** A source that a program feeds: tests, and whoever embeds the runtime. */
export interface ProgramSource extends Source {
  /** Offers a bundle file, and resolves with what became of it. One that was offered before and is not yet taken is superseded. */
  offer (bytes: Uint8Array | string, signature?: string): Promise<Outcome>
}

interface Offer {
  readonly candidate: Candidate
  readonly settle: (outcome: Outcome) => void
}

/** `from` names it in the status. */
export function programSource (from: string, mayRewind = false): ProgramSource {
  let waiting: Offer | undefined
  let taken: Offer | undefined
  let changed = (): void => {}
  return {
    kind: 'program',
    from,
    restoreFirst: false,
    poll: null,
    offer: (bytes, signature) => new Promise((settle) => {
      waiting?.settle({ kind: 'superseded' })
      const provenance = { kind: 'program', from } as const
      waiting = { settle, candidate: { bytes: typeof bytes === 'string' ? Buffer.from(bytes) : bytes, provenance, mayRewind, ...signature === undefined ? {} : { signature } } }
      changed()
    }),
    async look () {
      if (waiting === undefined) return { kind: 'same' }
      taken = waiting
      waiting = undefined
      return { kind: 'candidate', candidate: taken.candidate }
    },
    settled: (outcome) => { taken?.settle(outcome) },
    watch (notify) {
      changed = notify
      return () => { changed = () => {} }
    }
  }
}

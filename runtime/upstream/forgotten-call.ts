import type { Call } from './call.ts'

/** A response that is not wanted is read up to here to keep the connection. */
export const maxUnwanted = 64 * 1024

/** Stands for a call that was given up while its request was on its way: hears its response for the sake of those behind it. */
export class ForgottenCall implements Call {
  readonly bodyless = false
  readonly replayable = false
  readonly switches = false
  readonly client = undefined
  readonly responseTimeout: number
  readonly #tooMuch: () => void
  #left = maxUnwanted

  /** `tooMuch`: the response is longer than is worth it. */
  constructor ({ responseTimeout }: Call, tooMuch: () => void) {
    this.responseTimeout = responseTimeout
    this.#tooMuch = tooMuch
  }

  data (_bytes: Buffer, start: number, end: number): void {
    this.#left -= end - start
    if (this.#left < 0) this.#tooMuch()
  }

  ready (): void {}
  informational (): void {}
  switched (): void {}
  head (): void {}
  end (): void {}
  drained (): void {}
  failed (): void {}
}

/** The base of a plan cannot be had, or not be trusted; `code` is the exit code. */
export class BaseError extends Error {
  override readonly name = 'BaseError'
  readonly code: number
  constructor (message: string, code: number) {
    super(message)
    this.code = code
  }
}

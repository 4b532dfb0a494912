/** Thrown inside the construction when it leaves its budget; `buildAutomaton` turns it into a value. */
export class Overflow extends Error {
  readonly routes: readonly number[]
  constructor (message: string, routes: readonly number[]) {
    super(message)
    this.routes = routes
  }
}

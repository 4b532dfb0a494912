import { currentPlace, type RawPlace } from './place.ts'

/** An input of the config that is missing or cannot be read as what it should be: the user's to mend, with the call that asked for it. */
export class InputError extends Error {
  override readonly name = 'InputError'
  readonly input: string
  readonly problem: 'missing' | 'invalid'
  readonly place: RawPlace | undefined

  constructor (input: string, problem: 'missing' | 'invalid', message: string, place: RawPlace | undefined) {
    super(message)
    this.input = input
    this.problem = problem
    this.place = place
  }
}

/** What the host of an evaluation provides. */
export interface Inputs {
  /** The value of an input, or undefined when there is none. Called for each `env()`, also for those with a default. */
  read (name: string, place: RawPlace | undefined): string | undefined
  /** Takes an error and lets the evaluation go on with a stand-in, so that all of them are found in one run. Without it the error is thrown. */
  report? (error: InputError): void
}

let installed: Inputs | undefined

/** Gives `env()` its values for the evaluation that follows; undefined takes them away. */
export function installInputs (inputs: Inputs | undefined): void {
  installed = inputs
}

/** Reads an input for `builder`. `parse` answers undefined for a text that is not of the `expected` form. */
export function readInput<Value> (
  builder: (...args: never[]) => unknown, name: string, fallback: Value | undefined, standIn: Value, expected: string, parse: (text: string) => Value | undefined
): Value {
  const place = currentPlace(builder)
  if (installed === undefined) throw new InputError(name, 'missing', `env('${name}') can only be read while gwc evaluates a config; run \`gwc validate\``, place)
  const text = installed.read(name, place)
  const value = text === undefined ? fallback : parse(text)
  if (value !== undefined) return value
  const error = text === undefined
    ? new InputError(name, 'missing', `the environment variable ${name} is not set, and env('${name}') has no default`, place)
    : new InputError(name, 'invalid', `the environment variable ${name} is not ${expected}`, place)
  if (installed.report === undefined) throw error
  installed.report(error)
  return standIn
}

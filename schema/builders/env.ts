import { milliseconds, type Duration } from '../duration.ts'
import { readInput } from './inputs.ts'

/** Reads inputs of a config. Together with `secret` it is the only way in: a config sees no other environment, file, clock or network. */
export interface Env {
  /** A text. Without a default the variable must be set. */
  (name: string, fallback?: string): string
  /** A number. */
  number (name: string, fallback?: number): number
  /** `true` or `false`. */
  boolean (name: string, fallback?: boolean): boolean
  /** A number and a unit: `5s`. */
  duration (name: string, fallback?: Duration): Duration
}

/**
 * Reads an environment variable while the config is compiled; its value becomes part of the bundle. For what must stay out of it use `secret`.
 * A variable that is not set and has no default is an error at this call.
 *
 * ```ts
 * const users = upstream('users', {
 *   targets: [env('USERS_URL', 'http://127.0.0.1:9001')],
 *   connections: { max: env.number('USERS_CONNECTIONS', 256) },
 *   timeouts: { response: env.duration('USERS_TIMEOUT', '15s') }
 * })
 * ```
 */
export const env: Env = Object.freeze(Object.assign(readText, { number: readNumber, boolean: readBoolean, duration: readDuration }))

function readText (name: string, fallback?: string): string {
  return readInput(readText, name, fallback, '', 'a text', (text) => text)
}

function readNumber (name: string, fallback?: number): number {
  return readInput(readNumber, name, fallback, 0, 'a number', (text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined))
}

function readBoolean (name: string, fallback?: boolean): boolean {
  return readInput(readBoolean, name, fallback, false, '`true` or `false`', (text) => (text === 'true' ? true : text === 'false' ? false : undefined))
}

function readDuration (name: string, fallback?: Duration): Duration {
  return readInput<Duration>(readDuration, name, fallback, '1s', 'a duration such as `5s`', (text) => (Number.isNaN(milliseconds(text)) ? undefined : text as Duration))
}

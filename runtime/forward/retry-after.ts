import { fieldValue } from '../http/fields.ts'
import type { ResponseHead } from '../upstream/response-head.ts'

/** Milliseconds that a response asks to wait (RFC 9110 §10.2.3), or undefined when it says nothing that can be understood. */
export function retryAfterOf (head: ResponseHead, wall: number): number | undefined {
  const value = fieldValue(head.rawFields(), 'retry-after')
  if (value === undefined) return undefined
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1000
  const date = /[A-Za-z]/.test(value) ? Date.parse(value) : NaN
  return Number.isNaN(date) ? undefined : Math.max(0, date - wall)
}

import { invariant } from '../invariant.ts'
import type { Automaton } from './automaton.ts'

/** The automaton in a bundle: integer tables as base64 of little-endian bytes, and the few strings they refer to. */
export interface EncodedAutomaton {
  readonly [table: string]: string | number | readonly string[] | readonly number[]
}

export function encodeAutomaton (automaton: Automaton): EncodedAutomaton {
  checkByteOrder()
  return Object.fromEntries(Object.entries(automaton).map(([table, value]) =>
    [table, value instanceof Int32Array || value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') : value]))
}

/** Reads what `encodeAutomaton` wrote. The bundle's digest vouches for the content; a table that is missing or of the wrong kind is an error. */
export function decodeAutomaton (encoded: EncodedAutomaton): Automaton {
  checkByteOrder()
  return {
    methods: strings(encoded, 'methods'),
    hosts: strings(encoded, 'hosts'),
    roots: words(encoded, 'roots'),
    depths: Number(encoded['depths']),
    nodes: words(encoded, 'nodes'),
    rows: words(encoded, 'rows'),
    decisions: words(encoded, 'decisions'),
    classifiers: words(encoded, 'classifiers'),
    fields: strings(encoded, 'fields'),
    values: strings(encoded, 'values'),
    dfas: words(encoded, 'dfas'),
    classMaps: bytes(encoded, 'classMaps'),
    wideMaps: words(encoded, 'wideMaps')
  }
}

function strings (encoded: EncodedAutomaton, table: string): readonly string[] {
  const value = encoded[table]
  if (!Array.isArray(value)) throw new TypeError(`the automaton has no table ${table}`)
  return value as readonly string[]
}

function bytes (encoded: EncodedAutomaton, table: string): Uint8Array {
  const value = encoded[table]
  if (typeof value !== 'string') throw new TypeError(`the automaton has no table ${table}`)
  const shared = Buffer.from(value, 'base64')
  // Into memory of its own: aligned to words, and free to be posted to another thread.
  const own = new Uint8Array(shared.length)
  own.set(shared)
  return own
}

function words (encoded: EncodedAutomaton, table: string): Int32Array {
  const own = bytes(encoded, table)
  if (own.length % 4 !== 0) throw new TypeError(`the table ${table} of the automaton is cut off`)
  return new Int32Array(own.buffer)
}

/** Tables are used as they lie in memory; no big-endian machine has asked for more yet. */
function checkByteOrder (): void {
  invariant(new Uint8Array(new Uint32Array([1]).buffer)[0] === 1, 'the automaton needs a little-endian machine')
}

import type { HostWitnesses } from '../../schema/automaton/host-witness.ts'
import { witnessFields } from '../../schema/automaton/witness-fields.ts'
import type { WitnessRequest } from '../../schema/diagnostic.ts'
import type { Cell } from './class-walk.ts'
import type { HostClass } from './host-classes.ts'
import type { RowClass } from './row-classes.ts'

/** A class of requests, at one host of its cell. */
export interface PlacedClass {
  readonly cell: Cell
  readonly place: HostClass['places'][number]
  readonly class: RowClass
}

/** A request of a class. Any method that no route of its path names stands for all of them: the most usual does; `unnamed` is the walk's. */
export function witnessRequest ({ cell, place, class: { method, values } }: PlacedClass, listener: string, hosts: HostWitnesses, unnamed: string): WitnessRequest {
  const named = cell.classes!.map((one) => one.method)
  const shown = method === unnamed ? ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'].find((known) => !named.includes(known)) ?? method : method
  return { listener, method: shown, host: hosts.host(place.listener, place.host), path: cell.path, ...witnessFields(values) }
}

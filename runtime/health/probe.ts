import type { ResolvedHealth, ResolvedTarget } from '../../schema/resolved.ts'
import type { PoolOptions } from '../upstream/pool.ts'
import type { Timeouts } from '../upstream/timeouts.ts'
import { grpcProbe } from './grpc-probe.ts'
import { httpProbe } from './http-probe.ts'
import { tcpProbe } from './tcp-probe.ts'

/** One check of a target, begun. */
export interface Probe {
  /** Gives it up; `done` is not called any more. */
  cancel (): void
}

export interface ProbeOptions {
  readonly upstream: string
  /** With the port that is checked. */
  readonly target: ResolvedTarget
  readonly protocol: PoolOptions['protocol']
  readonly health: ResolvedHealth
  readonly tls: PoolOptions['tls']
  readonly proxyProtocol: PoolOptions['proxyProtocol']
  readonly timeouts: Timeouts
}

/** Begins a check. `done` is called once: undefined when it passed, else why not. Its time is the caller's business. */
export type StartProbe = (options: ProbeOptions, done: (failure: string | undefined) => void) => Probe

const kinds: Readonly<Record<ResolvedHealth['type'], StartProbe>> = { http: httpProbe, tcp: tcpProbe, grpc: grpcProbe }

export const startProbe: StartProbe = (options, done) => kinds[options.health.type](options, done)

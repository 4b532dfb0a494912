/** One end of a tunnel. */
export interface TunnelEnd {
  /** A part of what was read here, as bytes that stay valid. Whoever is done with them calls `giveBack`. */
  keep (bytes: Buffer, start: number, end: number): Buffer
  /** Writes what `from` has just read; the bytes are not looked at afterwards unless they have been kept. False: wait for `drained`. */
  write (bytes: Buffer, start: number, end: number, from: TunnelEnd): boolean
  /** Nothing more will be written; reading goes on. */
  end (): void
  /** `reset`: so that the peer cannot take it for a proper end. */
  destroy (reset: boolean): void
  pause (): void
  resume (): void
}

/** What an end tells its tunnel. None may throw. */
export interface TunnelEvents {
  /** The bytes are valid during this call only. */
  read (bytes: Buffer, start: number, end: number): void
  drained (): void
  /** The peer will send nothing more. */
  ended (): void
  /** `failed`: by a reset or another error. */
  closed (failed: boolean): void
}

/** Where a node was written: the call of its builder, or its place in a JSON file. Never part of a digest. */
export interface Origin {
  /** Path relative to the folder of the config, with `/`. */
  readonly file: string
  /** 1-based. */
  readonly line: number
  /** 1-based, in UTF-16 units, as TypeScript counts. */
  readonly column: number
}

/** A path of keys and indices into the options of the node at the origin, down to the value that is meant: `['policies', 0, 'rate-limit', 'window']`. */
export type Pointer = readonly (string | number)[]

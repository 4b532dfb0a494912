/** What a command answers to the shell. Output is flushed first; errors beat changes. */
export const exitCode = {
  ok: 0,
  /** The config is invalid, or a finding is at or above `--fail-on`. */
  invalid: 1,
  /** Only with `--detailed-exitcode`. */
  changes: 2,
  approvalMissing: 3,
  inconclusive: 4,
  testFailed: 5,
  stale: 6,
  /** Signature, digest or commit cannot be trusted. */
  trust: 7,
  usage: 64,
  internal: 70,
  io: 74
} as const

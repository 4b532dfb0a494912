/** The command line is wrong: `cli.ts` prints the message and exits with 64. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

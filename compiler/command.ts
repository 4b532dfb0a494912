import type { Command as CommanderCommand } from 'commander'

/** What a command may touch. Only `cli.ts` owns the process: commands write through this and return an exit code. */
export interface CommandContext {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Writes to standard output; a newline is added where the text ends without one. */
  out (text: string): void
  /** Writes to standard error, likewise. */
  err (text: string): void
  /** Whether `out` goes to a terminal that shows colours (`NO_COLOR` honoured). */
  readonly color: boolean
  /** Aborted on SIGINT and SIGTERM. */
  readonly signal: AbortSignal
}

/** One command of `gwc`: a file in `commands/` and a line in `commands/index.ts`. */
export interface Command {
  readonly name: string
  readonly summary: string
  /** Declares arguments and options. */
  configure (command: CommanderCommand): void
  /** Returns the exit code (DESIGN: 0 same, 1 invalid, 2 changes, … 64 usage, 70 internal, 74 I/O). */
  run (args: readonly string[], options: Readonly<Record<string, unknown>>, context: CommandContext): Promise<number>
}

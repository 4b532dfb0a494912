#!/usr/bin/env node
import { getEventListeners } from 'node:events'
import { resolve } from 'node:path'
import { Command as Program, CommanderError, Option } from 'commander'
import type { Command } from './command.ts'
import { commands } from './commands/index.ts'
import { exitCode } from './exit-code.ts'
import { failureText } from './failure-text.ts'
import { createOutput } from './output.ts'
import { version } from './version.ts'

/** The only file of the compiler that touches the process: arguments in, text and exit code out. */
const stop = new AbortController()
const stdout = createOutput(process.stdout)
const stderr = createOutput(process.stderr)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  const end = (): void => { process.exit(signal === 'SIGINT' ? 130 : 143) }
  // The first asks what runs to finish in order, the second ends the process at once. Where nothing has to be finished the first does.
  process.once(signal, () => {
    process.once(signal, end)
    if (getEventListeners(stop.signal, 'abort').length === 0) end()
    stop.abort()
  })
}

let code: number
try {
  code = await main(process.argv.slice(2))
  await stdout.flush()
} catch (error) {
  const failure = failureText(error, process.argv.slice(2))
  stderr.write(failure.text)
  code = failure.code
}
// What still waits for the signal (a watch, a server) must not keep the process after the answer is known.
stop.abort()
await stderr.flush()
process.exitCode = code

/** Runs one command and answers its exit code. */
async function main (args: readonly string[]): Promise<number> {
  if (args[0] === '--version' || args[0] === '-V') {
    stdout.write(version)
    return exitCode.ok
  }
  let code: number = exitCode.ok
  const program = printing(new Program('gwc')
    .description('API gateway and load balancer whose configuration is a typed TypeScript program')
    .option('-V, --version', 'print the version')
    .helpCommand('help [command]', 'show the help of a command'))
  const asked = args.filter((word) => Object.hasOwn(commands, word))[0]
  // The help and a misspelt name need all commands, a known one only itself.
  const names = asked === undefined || args[0] !== asked ? Object.keys(commands) : [asked]
  for (const command of await Promise.all(names.map((name) => commands[name]!()))) {
    register(program, command, (answer) => { code = answer })
  }
  if (args.length === 0) {
    stderr.write(program.helpInformation())
    return exitCode.usage
  }
  try {
    await program.parseAsync(args as string[], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0 ? exitCode.ok : exitCode.usage
  }
  return code
}

function register (program: Program, command: Command, answer: (code: number) => void): void {
  const sub = printing(program.command(command.name).summary(command.summary).description(command.summary))
  command.configure(sub)
  sub
    .option('--cwd <folder>', 'run as if started in this folder')
    .addOption(new Option('--color <when>', 'colour the output').choices(['auto', 'always', 'never']).default('auto'))
    .action(async () => {
      const options: Readonly<Record<string, unknown>> = sub.opts()
      answer(await command.run(sub.args, options, {
        cwd: resolve(typeof options.cwd === 'string' ? options.cwd : '.'),
        env: process.env,
        out: stdout.write,
        err: stderr.write,
        color: wantsColor(options.color),
        signal: stop.signal
      }))
    })
}

/** Commander prints through us, and throws where it would exit. */
function printing (program: Program): Program {
  return program
    .exitOverride()
    .showHelpAfterError("(run 'gwc --help' to see what there is)")
    .configureOutput({ writeOut: stdout.write, writeErr: stderr.write })
}

/** https://no-color.org and https://force-color.org; a flag beats both. */
function wantsColor (when: unknown): boolean {
  if (when !== 'auto') return when === 'always'
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: terminal } = process.env
  if (no !== undefined && no !== '') return false
  if (force !== undefined && force !== '') return force !== '0'
  return process.stdout.isTTY === true && terminal !== 'dumb'
}

import { BaseError } from './base-error.ts'
import { exitCode } from './exit-code.ts'
import { UsageError } from './usage-error.ts'
import { version } from './version.ts'

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'the address is in use',
  ECONNREFUSED: 'nothing listens there',
  EISDIR: 'it is a folder',
  EMFILE: 'too many open files',
  ENOENT: 'no such file or folder',
  ENOSPC: 'no space left on the device',
  ENOTDIR: 'part of the path is no folder',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only'
}

/** What an error that ended a command means for the user: a wrong call, a file or network that failed, or a bug of ours. */
export function failureText (error: unknown, args: readonly string[]): { readonly code: number, readonly text: string } {
  if (error instanceof UsageError) return { code: exitCode.usage, text: `gwc: ${error.message}` }
  if (error instanceof BaseError) return { code: error.code, text: `gwc: ${error.message}` }
  if (isSystemError(error)) {
    const what = error.path ?? (error.address === undefined ? '' : `${error.address}${error.port === undefined ? '' : `:${error.port}`}`)
    return { code: exitCode.io, text: `gwc: cannot ${error.syscall} ${what}: ${reasons[error.code] ?? 'failed'} (${error.code})` }
  }
  const detail = error instanceof Error ? error.stack ?? error.message : String(error)
  return {
    code: exitCode.internal,
    text: `gwc: internal error. This is a bug in gwc, not in your config; please report it with these lines:\n\n` +
      `  gwc ${version}, node ${process.version}, ${process.platform} ${process.arch}\n  gwc ${args.join(' ')}\n${detail.replace(/^/gm, '  ')}`
  }
}

interface SystemError extends Error {
  readonly code: string
  readonly syscall: string
  readonly path?: string
  readonly address?: string
  readonly port?: number
}

function isSystemError (error: unknown): error is SystemError {
  return error instanceof Error && 'syscall' in error && typeof error.syscall === 'string' && 'code' in error && typeof error.code === 'string'
}

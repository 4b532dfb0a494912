import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { approvalsFile, parseApprovals } from '../approvals/approvals.ts'
import type { ApprovalRecord } from '../approvals/approvals.ts'
import { exitCode } from '../exit-code.ts'
import { replaceFile } from '../replace-file.ts'
import { BaseError } from '../base-error.ts'

/** The approvals beside a config, or in the file that was named. */
export async function readApprovals (root: string, file: string | undefined, cwd: string): Promise<readonly ApprovalRecord[]> {
  const path = approvalsPath(root, file, cwd)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && file === undefined) return '[]'
    throw error
  })
  const records = parseApprovals(text)
  if (typeof records === 'string') throw new BaseError(`${path}: ${records}`, exitCode.invalid)
  return records
}

/** Writes them, whole, in the order in which they were given. */
export async function writeApprovals (path: string, records: readonly ApprovalRecord[]): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await replaceFile(path, `${JSON.stringify(records, null, 2)}\n`)
}

export function approvalsPath (root: string, file: string | undefined, cwd: string): string {
  return file === undefined ? join(root, approvalsFile) : resolve(cwd, file)
}

import { replaceFile } from '../replace-file.ts'
import type { FileChange } from './propose.ts'

/** Writes all changed files. Each is replaced in one step and keeps its mode; line ends are as the edits left them. */
export async function writeFixes (changes: readonly FileChange[]): Promise<void> {
  for (const { file, after } of changes) await replaceFile(file, after)
}

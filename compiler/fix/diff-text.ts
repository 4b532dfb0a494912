import { relative } from 'node:path'
import type { FileChange } from './propose.ts'
import { applyEdits } from './text-edit.ts'

/** Unchanged lines shown around a change. */
const context = 3

/** A change as a unified diff, with file names relative to `base`, as `git apply` takes it. */
export function diffText (change: FileChange, base: string): string {
  const name = relative(base, change.file).replaceAll('\\', '/')
  const lines = linesOf(change.before)
  let shift = 0
  const hunks = joined(changedLines(change, lines)).map((parts) => {
    const from = Math.max(parts[0]!.from - context, 0)
    const to = Math.min(parts.at(-1)!.to + context, lines.length)
    const body: string[] = []
    let [at, removed, added] = [from, 0, 0]
    for (const part of parts) {
      body.push(...lines.slice(at, part.from).map((line) => ` ${line}`), ...lines.slice(part.from, part.to).map((line) => `-${line}`), ...part.after.map((line) => `+${line}`))
      removed += part.to - part.from
      added += part.after.length
      at = part.to
    }
    body.push(...lines.slice(at, to).map((line) => ` ${line}`))
    const count = to - from
    const header = `@@ -${start(from, count)},${count} +${start(from + shift, count - removed + added)},${count - removed + added} @@\n`
    shift += added - removed
    return header + body.map((line) => (line.endsWith('\n') ? line : `${line}\n\\ No newline at end of file\n`)).join('')
  })
  return `--- a/${name}\n+++ b/${name}\n${hunks.join('')}`
}

/** Whole lines that change: from, up to but not with `to`, and what stands there afterwards. */
interface ChangedLines {
  readonly from: number
  readonly to: number
  readonly after: readonly string[]
}

function changedLines ({ before, edits }: FileChange, lines: readonly string[]): ChangedLines[] {
  const starts: number[] = []
  let offset = 0
  for (const line of lines) {
    starts.push(offset)
    offset += line.length
  }
  const lineAt = (position: number): number => Math.max(starts.findLastIndex((start) => start <= position), 0)
  const groups: { from: number, to: number, edits: FileChange['edits'][number][] }[] = []
  // An edit that changes nothing would make a hunk that changes nothing, which git refuses.
  for (const edit of edits.filter(({ start, end, text }) => start < end || text !== '').sort((a, b) => a.start - b.start)) {
    // Removing whole lines ends where the next one starts, which stays as it is.
    const whole = edit.text === '' && starts.includes(edit.start) && starts.includes(edit.end)
    const [from, to] = [lineAt(edit.start), Math.min(whole ? lineAt(edit.end) : lineAt(edit.end) + 1, lines.length)]
    const last = groups.at(-1)
    if (last !== undefined && from < last.to) {
      last.to = Math.max(last.to, to)
      last.edits.push(edit)
    } else groups.push({ from, to, edits: [edit] })
  }
  return groups.map(({ from, to, edits }) => {
    const base = starts[from] ?? before.length
    const text = before.slice(base, starts[to] ?? before.length)
    return { from, to, after: linesOf(applyEdits(text, edits.map((edit) => ({ ...edit, start: edit.start - base, end: edit.end - base })))) }
  })
}

/** Changes so near that their contexts touch make one hunk. */
function joined (changes: readonly ChangedLines[]): ChangedLines[][] {
  const hunks: ChangedLines[][] = []
  for (const change of changes) {
    const last = hunks.at(-1)
    if (last !== undefined && change.from - last.at(-1)!.to <= 2 * context) last.push(change)
    else hunks.push([change])
  }
  return hunks
}

function linesOf (text: string): string[] {
  return text === '' ? [] : text.split(/(?<=\n)/)
}

/** An empty range is named by the line before it. */
function start (from: number, count: number): number {
  return count === 0 ? from : from + 1
}

import type { Span } from './finding.ts'
import { printable } from './report.ts'
import type { Style } from './style.ts'
import { textWidth } from './text-width.ts'

/** Lines of source that one frame shows at most; a longer span keeps its first and last. */
const maxLines = 6
/** Characters of a source line that are shown; longer lines are cut around the span. */
const maxWidth = 120

/** One place in the user's source, underlined. */
export interface Frame {
  readonly span: Span
  /** The text of the whole file, or undefined when it cannot be read: then only the place is named. */
  readonly text: string | undefined
  /** Written behind the underline. */
  readonly label: string
  /** The other side of a conflict is drawn fainter. */
  readonly secondary: boolean
  /** Shows the value as stars: reports are kept and read where secrets do not belong. */
  readonly masked: boolean
}

/**
 * Frames, one below the other, along one margin:
 * ```
 *    ╭─ gateway.config.ts:84:9
 * 84 │   route('GET /orders/:id', { to: legacy }),
 *    │         ^^^^^^^^^^^^^^^^^
 * ```
 */
export function framesText (frames: readonly Frame[], severity: 'error' | 'warning' | 'info', style: Style): string[] {
  const gutter = gutterWidth(frames)
  const margin = (mark: string, number = ''): string => style.faint(`${number.padStart(gutter)} ${mark}`)
  return frames.flatMap((frame, index) => {
    const { span, label } = frame
    const place = `${span.file}:${span.line}:${span.column}`
    const lines = frame.text === undefined ? [] : sourceLines(frame.text, span, frame.masked)
    const note = lines.length === 0 && label !== '' ? ` ${label}` : ''
    const paint = frame.secondary ? style.accent : style.of[severity]
    return [
      `${margin(index === 0 ? '╭─' : '├─')} ${style.accent(printable(place))}${note}`,
      ...lines.flatMap((line, at) => line === undefined
        ? [margin('┆')]
        : [
            `${margin('│', String(line.number))} ${line.text}`.trimEnd(),
            ...(line.length === 0
              ? []
              : [`${margin('│')} ${' '.repeat(line.offset)}${paint((frame.secondary ? '~' : '^').repeat(line.length))}${at === lines.length - 1 && label !== '' ? ` ${paint(label)}` : ''}`])
          ])
    ]
  })
}

/** Digits of the longest line number; what stands below the frames is aligned with it. */
export function gutterWidth (frames: readonly Frame[]): number {
  return Math.max(2, ...frames.map(({ span }) => String(span.endLine).length))
}

interface SourceLine {
  readonly number: number
  readonly text: string
  /** Where the underline begins, and its length, in terminal columns. */
  readonly offset: number
  readonly length: number
}

/** The lines of a span with their underlines; undefined stands for lines left out. */
function sourceLines (text: string, span: Span, masked: boolean): (SourceLine | undefined)[] {
  const all = text.split(/\r\n|[\n\r\u2028\u2029]/)
  const last = Math.min(span.endLine, all.length)
  const numbers = Array.from({ length: Math.max(last - span.line + 1, 0) }, (_, index) => span.line + index)
  const shown = numbers.length <= maxLines ? numbers : [...numbers.slice(0, maxLines - 2), undefined, last]
  return shown.map((number) => number === undefined ? undefined : sourceLine(all[number - 1] ?? '', number, span, masked))
}

function sourceLine (raw: string, number: number, span: Span, masked: boolean): SourceLine {
  const indent = /^\s*/.exec(raw)![0].length
  const from = number === span.line ? span.column - 1 : indent
  const to = number === span.endLine ? Math.max(span.endColumn - 1, number === span.line ? from + 1 : from) : raw.trimEnd().length
  const cut = from > maxWidth * 0.75 ? from - 20 : 0
  const before = (cut > 0 ? '…' : '') + widen(raw.slice(cut, from))
  const room = Math.max(maxWidth - before.length, 20)
  const value = masked ? raw.slice(from, to).replace(/[^'"`]/g, '*') : widen(raw.slice(from, to))
  const rest = value.length > room ? `${value.slice(0, room)}…` : value + clip(widen(raw.slice(to)), room - value.length)
  return { number, text: before + rest, offset: textWidth(before), length: to > from ? Math.max(textWidth(value.slice(0, room)), 1) : 0 }
}

function clip (text: string, room: number): string {
  return text.length > room ? `${text.slice(0, Math.max(room, 0))}…` : text
}

/** Tabs as spaces, so that underlines fit, and nothing that a terminal would obey. */
function widen (text: string): string {
  return printable(text.replaceAll('\t', '  '))
}

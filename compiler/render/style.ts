import picocolors from 'picocolors'
import type { Severity } from '../../schema/diagnostic.ts'

type Paint = (text: string) => string

/** The few styles in which `gwc` writes. Without colour each leaves its text as it is. */
export interface Style {
  readonly strong: Paint
  readonly faint: Paint
  readonly good: Paint
  readonly accent: Paint
  readonly of: Readonly<Record<Severity, Paint>>
}

export function style (color: boolean): Style {
  const paint = picocolors.createColors(color)
  return {
    strong: paint.bold,
    faint: paint.dim,
    good: paint.green,
    accent: paint.cyan,
    of: { error: (text) => paint.bold(paint.red(text)), warning: (text) => paint.bold(paint.yellow(text)), info: (text) => paint.bold(paint.blue(text)) }
  }
}

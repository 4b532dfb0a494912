import { dirname, extname } from 'node:path'
import { discover } from '../load/discover.ts'
import { problems } from './load-problems.ts'
import { outcome } from './pass.ts'
import type { Outcome } from './pass.ts'
import { reporter } from './reporter.ts'

const report = reporter(problems)

/** A config that exists. */
export interface Found {
  /** Absolute path. */
  readonly entry: string
  /** Absolute folder of the config, which origins are relative to. */
  readonly root: string
  readonly language: 'typescript' | 'javascript' | 'json'
}

/** The first step of the load pass: finds the config. */
export async function find (cwd: string, config: string | undefined): Promise<Outcome<Found>> {
  const entry = await discover(cwd, config)
  if (typeof entry !== 'string') {
    return outcome<Found>({ entry: '', root: cwd, language: 'json' }, [report('config/not-found', entry.missing, { help: 'Write one with `gwc init`, or name it with `--config`.' })])
  }
  const extension = extname(entry)
  return outcome<Found>({ entry, root: dirname(entry), language: extension === '.json' ? 'json' : extension.endsWith('ts') ? 'typescript' : 'javascript' }, [])
}

import { readdirSync, readFileSync } from 'node:fs'

/** A process and all its descendants, by pid; those that end meanwhile are left out. */
export function processTree (pid: number): number[] {
  const pids = [pid]
  for (const parent of pids) {
    try {
      for (const thread of readdirSync(`/proc/${parent}/task`)) {
        const children = readFileSync(`/proc/${parent}/task/${thread}/children`, 'utf8').trim()
        if (children !== '') pids.push(...children.split(' ').map(Number))
      }
    } catch {
      // The process ended between the listing and the read.
    }
  }
  return pids
}

/** CPU time, user and system, that a process tree has used so far, in microseconds. The kernel counts in ticks of 10 ms. */
export function cpuMicroseconds (pid: number): number {
  let ticks = 0
  for (const each of processTree(pid)) {
    try {
      const stat = readFileSync(`/proc/${each}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      ticks += Number(fields[11]) + Number(fields[12])
    } catch {
      // Ended meanwhile.
    }
  }
  return ticks * 10_000
}

/** Resident memory of a process tree in MiB. */
export function residentMebibytes (pid: number): number {
  let kibibytes = 0
  for (const each of processTree(pid)) {
    try {
      kibibytes += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${each}/status`, 'utf8'))?.[1] ?? 0)
    } catch {
      // Ended meanwhile.
    }
  }
  return kibibytes / 1024
}

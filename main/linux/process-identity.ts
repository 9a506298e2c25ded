import { readFileSync } from 'node:fs';

/**
 * Names this process so that another one can tell later whether it still runs: boot id,
 * process id and start time (proc(5), field 22 of /proc/PID/stat). A process id alone is used
 * again.
 */
export function ownIdentity(): string {
  return `${bootId()} ${process.pid} ${startTime(process.pid)}`;
}

export function isAlive(identity: string): boolean {
  const [boot, pid, started] = identity.split(' ');
  return boot === bootId() && started !== '' && started === startTime(Number(pid));
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

/** '' when there is no such process. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name, field 2, is in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

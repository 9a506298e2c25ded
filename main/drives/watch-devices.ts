import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

export interface DeviceWatch {
  /** Whether plug and unplug are told by the kernel; else only the poll sees them. */
  readonly hears: boolean;
  stop(): void;
}

export interface WatchOptions {
  /** Something may have changed: look. Calls that come close together are made one. */
  readonly onHint: () => void;
  /** How often to look for what no event told: mounts, and all of it where there is no udevadm. */
  readonly pollMs?: number;
  /** Null: poll only. */
  readonly monitor?: readonly [string, ...string[]] | null;
}

const POLL_MS = 2_000;
/** udev announces a disk and each of its partitions for itself. */
const SETTLE_MS = 150;
const RESTART_MS = 30_000;

/**
 * Tells when block devices or mounts may have changed. Events are hints only, and so is the poll:
 * what is true is looked up each time, so that one lost event loses nothing.
 */
export function watchDevices({
  onHint,
  pollMs = POLL_MS,
  monitor = udevMonitor(),
}: WatchOptions): DeviceWatch {
  let settling: NodeJS.Timeout | undefined;
  let known = signature();
  const hint = (): void => {
    settling ??= setTimeout(() => {
      settling = undefined;
      known = signature();
      onHint();
    }, SETTLE_MS);
  };
  const poll = setInterval(() => {
    if (signature() !== known) hint();
  }, pollMs);
  poll.unref();
  const listener = monitor === null ? undefined : listen(monitor, hint);
  return {
    get hears() {
      return listener?.alive() ?? false;
    },
    stop() {
      clearInterval(poll);
      clearTimeout(settling);
      listener?.stop();
    },
  };
}

/** What udev has finished with, or where no udev runs the kernel's own events. */
function udevMonitor(): readonly [string, ...string[]] {
  const source = existsSync('/run/udev/control') ? '--udev' : '--kernel';
  return ['udevadm', 'monitor', source, '--subsystem-match=block'];
}

/** Keeps the monitor running; while it does not, the poll alone is there. */
function listen(
  [command, ...args]: readonly [string, ...string[]],
  hint: () => void,
): { alive(): boolean; stop(): void } {
  let child: ChildProcess | undefined;
  let restart: NodeJS.Timeout | undefined;
  let stopped = false;
  const start = (): void => {
    child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    child.unref();
    (child.stdout as unknown as { unref?: () => void } | null)?.unref?.();
    child.stdout?.on('data', hint);
    const ended = (): void => {
      child = undefined;
      if (stopped || restart) return;
      restart = setTimeout(() => {
        restart = undefined;
        start();
      }, RESTART_MS);
      restart.unref();
    };
    child.once('error', ended);
    child.once('exit', ended);
  };
  const stop = (): void => {
    stopped = true;
    clearTimeout(restart);
    child?.kill();
    process.off('exit', stop);
  };
  process.once('exit', stop);
  start();
  return { alive: () => child?.pid !== undefined, stop };
}

/** Changes when a device comes, goes, gets another medium or size, or something is (un)mounted. */
export function signature(root = '/sys/class/block'): string {
  const devices = names(root).map(
    (name) => `${name} ${text(`${root}/${name}/diskseq`)} ${text(`${root}/${name}/size`)}`,
  );
  return [...devices, text('/proc/self/mountinfo')].join('\n');
}

function names(root: string): string[] {
  try {
    return readdirSync(root).sort();
  } catch {
    return [];
  }
}

function text(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}

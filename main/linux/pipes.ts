/** pipe2(2), fcntl(2), poll(2): constants of the generic ABI (x86-64, arm64). */
import { fstatSync } from 'node:fs';
import { O_CLOEXEC } from './files.ts';
import { checked } from './libc-error.ts';
import { libc } from './libc.ts';

const F_GETFL = 3;
const F_SETFL = 4;
const F_SETPIPE_SZ = 1031;
const O_NONBLOCK = 0o4000;
const PIPE_BYTES = 1 << 20;
export const POLL_IN = 1;
export const POLL_OUT = 4;

/** A pipe whose ends no child inherits unless it is told to; large where the system lets it. */
export function makePipe(): { read: number; write: number } {
  const ends = Buffer.alloc(8);
  checked(libc().pipe2(ends, O_CLOEXEC), 'make a pipe');
  const [read, write] = [ends.readInt32LE(0), ends.readInt32LE(4)];
  widenPipe(write);
  return { read, write };
}

/**
 * Gives a pipe more room, so that both ends work at the same time: with the usual 64 KiB one of
 * them mostly waits. Nothing happens to what is no pipe, or where the system does not allow it.
 */
export function widenPipe(fd: number): void {
  if (!fstatSync(fd).isFIFO()) return;
  libc().fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
}

/** Reads and writes that would wait fail with EAGAIN instead. */
export function setNonBlocking(fd: number): void {
  const flags = checked(libc().fcntl(fd, F_GETFL, 0), 'look at a pipe');
  checked(libc().fcntl(fd, F_SETFL, flags | O_NONBLOCK), 'set up a pipe');
}

/** Waits until one of them can be read (or written) or has ended; false: the time is over. */
export function waitFor(
  watched: readonly { readonly fd: number; readonly events: number }[],
  timeoutMs: number,
): boolean {
  const table = Buffer.alloc(8 * watched.length);
  watched.forEach(({ fd, events }, i) => {
    table.writeInt32LE(fd, 8 * i);
    table.writeInt16LE(events, 8 * i + 4);
  });
  return libc().poll(table, watched.length, timeoutMs) > 0;
}

import { receive, type ReceiveHooks, type ReceiveRequest } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { StreamEncoder } from '../../main/engine/stream/encode.ts';
import type { Protocol } from '../../main/engine/stream/protocol.ts';
import { compareTrees, showDifferences, type CompareOptions } from '../harness/compare.ts';
import { run } from '../harness/run.ts';

export type ReceiveOptions = Partial<Omit<ReceiveRequest, 'source' | 'target'>>;

/** The kernel's stream of a snapshot. */
export function kernelStream(snapshot: string, ...options: string[]): Buffer {
  return run('btrfs', ['send', '-q', ...options, snapshot]).stdout;
}

export function takeSnapshot(subvolume: string, name: string): void {
  run('btrfs', ['subvolume', 'snapshot', '-r', subvolume, name]);
}

export function receiveBytes(
  stream: Uint8Array,
  target: string,
  options: ReceiveOptions = {},
  hooks: ReceiveHooks = {},
) {
  return receive({ source: bytesSource(stream), target, ...options }, hooks);
}

/** What is not the same between two snapshots, a line each. */
export function differences(left: string, right: string, options?: CompareOptions): string[] {
  return showDifferences(compareTrees(left, right, options));
}

/** A stream written by hand, command by command. */
export function streamOf(
  write: (encoder: StreamEncoder) => void,
  protocol: Protocol = 1,
): Uint8Array {
  const parts: Buffer[] = [];
  const encoder = new StreamEncoder((bytes) => void parts.push(Buffer.from(bytes)), { protocol });
  write(encoder);
  encoder.flush();
  return Buffer.concat(parts);
}

export const text = (value: string): Buffer => Buffer.from(value, 'latin1');
export const UUID = Buffer.from('d3ad0b5e1d3ad0b5e1d3ad0b5e1d3ad0', 'hex');

/** A full stream named `name` with these commands between its first and its END. */
export function fullStream(
  name: string,
  commands: (encoder: StreamEncoder) => void,
  protocol: Protocol = 1,
): Uint8Array {
  return streamOf((encoder) => {
    encoder.subvol(text(name), UUID, 7);
    commands(encoder);
    encoder.end();
  }, protocol);
}

/** The DendroError that `run` throws, as plain data. */
export function errorOf(run: () => unknown): { kind: string; code: string; message: string } {
  try {
    run();
  } catch (error) {
    const { kind, code, message } = error as { kind: string; code: string; message: string };
    if (kind === undefined) throw error;
    return { kind, code, message };
  }
  return { kind: 'none', code: 'none', message: 'it passed' };
}

/** Runs a receive that goes on where one was killed: perhaps while it tidied up, which is done now. */
export function goingOn(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'already-received' && code !== 'exists') throw error;
  }
}

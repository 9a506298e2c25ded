import { openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { ioError, usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { bytesFromText, printable } from '../../shared/model/bytes-text.ts';
import { widenPipe } from '../linux/pipes.ts';
import type { Options } from './options.ts';
import { excludeOptions } from './send-excludes.ts';

export const STDOUT = 1;
/** Versions that this encoder writes; 0 on the command line asks for the highest. */
export const HIGHEST_PROTOCOL = 2;

export const options = {
  e: {
    type: 'boolean',
    short: 'e',
    help: 'several snapshots: one stream, without end marks between',
  },
  p: {
    type: 'string',
    short: 'p',
    value: 'PARENT',
    multiple: true,
    help: 'send what changed since PARENT',
  },
  c: {
    type: 'string',
    short: 'c',
    value: 'SNAPSHOT',
    multiple: true,
    help: 'the receiver has this one too: clone from it',
  },
  f: {
    type: 'string',
    short: 'f',
    value: 'FILE',
    multiple: true,
    help: 'write the stream to FILE',
  },
  'no-data': { type: 'boolean', help: 'announce file data without sending it' },
  proto: { type: 'string', value: 'N', help: 'stream version 1 (default) or 2; 0: the highest' },
  'compressed-data': { type: 'boolean', help: 'send compressed data as it is on disk (version 2)' },
  v: { type: 'boolean', short: 'v', multiple: true, help: 'say more' },
  verbose: { type: 'boolean', multiple: true, help: 'the same' },
  q: { type: 'boolean', short: 'q', help: 'say nothing but errors' },
  quiet: { type: 'boolean', help: 'the same' },
  plain: {
    type: 'boolean',
    help: 'SNAPSHOT is a folder that dendro receive --plain made (not in btrfs-progs)',
    without: [
      ...['e', 'p', 'c', 'no-data', 'compressed-data', 'snapshot', 'to', 'resume-from'],
      ...Object.keys(excludeOptions),
    ],
  },
  snapshot: {
    type: 'boolean',
    help: 'SNAPSHOT may be writable: a snapshot is made for the time of the send (not in btrfs-progs)',
  },
  ...excludeOptions,
  'parent-exclude': { ...excludeOptions['parent-exclude'], needs: ['p', 'c'] },
  to: {
    type: 'string',
    value: 'TARGET',
    help: 'send to ssh://[USER@]HOST[:PORT]/FOLDER, or into a folder here; goes on where it stopped (not in btrfs-progs)',
    // It agrees with the target by itself, and what it leaves there is to be whole.
    without: ['e', 'f', 'resume-from', 'no-data'],
  },
  'ssh-config': {
    type: 'string',
    value: 'FILE',
    help: 'with --to ssh://...: configuration of ssh instead of ~/.ssh/config',
    needs: ['to'],
  },
  'remote-dendro': {
    type: 'string',
    value: 'COMMAND',
    help: 'with --to ssh://...: how to start Dendro there, as "sudo -n dendro"',
    needs: ['to'],
  },
  'remote-btrfs': {
    type: 'string',
    value: 'COMMAND',
    help: 'with --to ssh://...: how to start btrfs-progs there where Dendro is not installed',
    needs: ['to'],
  },
  'resume-from': {
    type: 'string',
    value: 'N',
    help: 'go on at command N, as dendro leftovers says (not in btrfs-progs)',
  },
} as const;
export type SendOptions = Options<typeof options>;

/** @param usual where nothing is asked for; what `btrfs send` writes. */
export function protocolOf(
  given: Pick<SendOptions, 'proto' | 'compressed-data'>,
  usual: 1 | 2 = 1,
): 1 | 2 {
  const text = given.proto ?? (given['compressed-data'] === true ? '2' : String(usual));
  if (!/^\d+$/.test(text)) throw usage('bad-option', say`${{ text }} is not a valid numeric value`);
  const protocol = Number(text) || HIGHEST_PROTOCOL;
  if (protocol !== 1 && protocol !== 2) {
    throw usage('protocol-unknown', say`Stream version ${{ text }} is not known here.`, {
      hint: 'Leave --proto out, or ask for 1 or 2.',
    });
  }
  if (given['compressed-data'] === true && protocol < 2) {
    throw usage(
      'bad-option',
      say`--compressed-data requires protocol version >= 2 (requested ${{ protocol }})`,
      { hint: 'Leave --proto out, or ask for 2.' },
    );
  }
  return protocol;
}

/** Of several files the last one counts. @throws Usage 'stdout-is-a-terminal'; Io 'output-failed' */
export function outputOf(given: SendOptions): number {
  const path = given.f?.at(-1);
  if (path === undefined) {
    if (!isatty(STDOUT)) {
      widenPipe(STDOUT);
      return STDOUT;
    }
    throw usage(
      'stdout-is-a-terminal',
      'not dumping send stream into a terminal, redirect it into a file',
      { hint: 'For example: dendro send SNAPSHOT | dendro receive FOLDER' },
    );
  }
  try {
    return openSync(Buffer.from(bytesFromText(path)), 'w', 0o600);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw ioError('output-failed', say`cannot create '${{ path: printable(path) }}': ${{ code }}`, {
      hint: 'See whether the folder exists and can be written to.',
      place: { path: printable(path) },
      cause,
    });
  }
}

export function resumeOf(given: SendOptions, snapshots: number): { resumeFrom?: number } {
  const text = given['resume-from'];
  if (text === undefined) return {};
  if (!/^\d+$/.test(text)) throw usage('bad-option', say`${{ text }} is not a valid numeric value`);
  if (snapshots > 1) throw usage('bad-option', '--resume-from goes on with one snapshot');
  return { resumeFrom: Number(text) };
}

/** @throws Usage: what is said of ssh has no effect on a folder here */
export function assertOverSsh(given: SendOptions): void {
  if (given.to === undefined || given.to.startsWith('ssh://')) return;
  const names = ['ssh-config', 'remote-dendro', 'remote-btrfs'] as const;
  const option = names.find((name) => given[name] !== undefined);
  if (option === undefined) return;
  throw usage(
    'bad-option',
    say`dendro send: --${{ option }} does nothing without --to ssh://HOST/FOLDER.`,
    { hint: say`"${{ path: printable(given.to) }}" is a folder here.` },
  );
}

export function tooMany(what: string, option: string): Error {
  return usage('bad-option', say`you cannot have ${{ what }} (${{ option }})`);
}

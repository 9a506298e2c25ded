import { lstatSync } from 'node:fs';
import { basename } from 'node:path';
import { DendroError, noteOfError } from '../../../shared/errors.ts';
import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { isSealed } from '../../archive/import/open-input.ts';
import type { PlacedPoint } from './look-around.ts';
import type { StreamHead } from '../../archive/read/stream-head.ts';
import { readHead } from './read-head.ts';
import { isStream } from './search-folder.ts';
import { noted, type Note } from '../../../shared/said.ts';

export type LoosePoint = Omit<PlacedPoint, 'holder' | 'file'> & { readonly file: string };

export interface LooseStreams {
  readonly points: LoosePoint[];
  /** What cannot be opened, and why. */
  readonly notes: Note[];
  /** Some of them open with a key only: what they hold is not known before. */
  readonly isEncrypted: boolean;
}

/**
 * Stream files that belong to no archive, of one folder. Nothing but their heads is read: whether
 * one is whole is seen when it is opened.
 */
export function looseStreams(files: readonly string[], check: () => void): LooseStreams {
  const heads = new Map<string, StreamHead>();
  const sealed: string[] = [];
  const notes: Note[] = [];
  for (const file of files) {
    check();
    try {
      if (isSealed(file)) sealed.push(file);
      else heads.set(file, readHead(file));
    } catch (error) {
      const { kind } = typed(error);
      const isPacked = kind === 'Unsupported' || kind === 'Conflict';
      if (files.length === 1 || isPacked || isStream(file)) notes.push(noteOfError(error));
    }
  }
  const known = new Map([...heads.values()].map((head) => [head.uuid, head]));
  return {
    points: [...heads]
      .map(([file, head]) => pointOf(file, head, known))
      .concat(sealed.map(sealedPoint)),
    notes,
    isEncrypted: sealed.length > 0,
  };
}

function pointOf(
  file: string,
  head: StreamHead,
  known: ReadonlyMap<string, StreamHead>,
): LoosePoint {
  const isWhole = hasChain(head, known);
  return {
    name: textFromBytes(Buffer.from(head.name, 'latin1')),
    kind: head.parentUuid === null ? 'full' : 'increment',
    ...{ file, input: null, takenAtMs: timeOf(file), isWhole },
    problem: isWhole
      ? null
      : noted('stream-base-missing', 'The stream that it builds on is not here.'),
  };
}

/** By its file's name: its own stands behind the lock. */
function sealedPoint(file: string): LoosePoint {
  const name = basename(file).replace(/(\.split_aa)?$/, '');
  const facts = { file, input: null, takenAtMs: timeOf(file), isWhole: true, problem: null };
  return { name, kind: 'full', ...facts };
}

function timeOf(file: string): number {
  return Math.floor(lstatSync(Buffer.from(bytesFromText(file))).mtimeMs);
}

function hasChain(head: StreamHead, known: ReadonlyMap<string, StreamHead>): boolean {
  const seen = new Set<string>();
  for (let at: StreamHead | undefined = head; at !== undefined && !seen.has(at.uuid);) {
    if (at.parentUuid === null) return true;
    seen.add(at.uuid);
    at = known.get(at.parentUuid);
  }
  return false;
}

/** What stands in the way of one thing; all else ends the look. */
function typed(error: unknown): DendroError {
  const isOurs = error instanceof DendroError;
  if (!isOurs || error.kind === 'Cancelled' || error.kind === 'Bug') throw error;
  return error;
}

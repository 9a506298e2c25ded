import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { CancelToken } from '../../engine/cancel.ts';
import { openNames } from '../read/open-tree.ts';
import { pickPoint } from '../read/pick.ts';
import { openReader, type ArchiveReader, type PointRef } from '../read/reader.ts';
import type { Inode } from '../tree/inode.ts';
import type { ArchiveTree } from '../tree/tree.ts';
import type { PointInput } from './session.ts';
import type { Note } from '../../../shared/said.ts';

/** Nobody has looked for so long: the memory is given back. */
const KEPT_MS = 60_000;

/** The names and properties of a point; no file of the archive is open. */
export interface Names {
  readonly tree: ArchiveTree;
  readonly notes: readonly Note[];
  /** The folder that was listed last, in order: the next page of it is a slice. */
  folder: { readonly id: number; readonly names: readonly NamedChild[] } | undefined;
}

export interface NamedChild {
  /** A character a byte. */
  readonly name: string;
  /** As text that crosses borders. */
  readonly text: string;
  readonly inode: Inode;
}

interface Kept {
  readonly asked: string;
  /** What the names were read from, and as of when. */
  readonly files: readonly string[];
  readonly stamps: string;
  readonly names: Names;
}

let kept: Kept | undefined;
let timer: NodeJS.Timeout | undefined;

/**
 * The names of a point for as long as `use` takes, kept from one question to the next: to lay the
 * indexes of a chain over one another takes a second for a million files, and a page of a folder is
 * wanted at once. They are read again when the archive has changed since, and when other keys are
 * given. Nothing waits in between: another question, asked meanwhile, lets go of them.
 * @throws as `openNames`; Conflict 'point-not-found' and what is wrong with the keys
 */
export async function withNames<T>(
  input: PointInput,
  cancel: CancelToken,
  use: (names: Names) => T,
): Promise<T> {
  const asked = questionOf(input);
  if (kept?.asked !== asked || kept.stamps !== stampsOf(kept.files)) {
    forget();
    const found = await read(input, asked, cancel);
    forget();
    kept = found;
  }
  clearTimeout(timer);
  timer = setTimeout(forget, KEPT_MS);
  timer.unref();
  return use(kept.names);
}

function forget(): void {
  kept?.names.tree.close();
  kept = undefined;
}

async function read(input: PointInput, asked: string, cancel: CancelToken): Promise<Kept> {
  const reader = await openReader(input.folder, input.secrets);
  try {
    const ref = pickPoint(reader, input.point);
    const chain = reader.chainOf(ref);
    await reader.unlock(chain);
    const files = [join(input.folder, 'manifest.json'), ...chain.flatMap(filesOf(reader))];
    // Before they are read: what changes meanwhile is read again.
    const stamps = stampsOf(files);
    const tree = openNames(reader, ref, cancel);
    return { asked, files, stamps, names: { tree, notes: reader.notes, folder: undefined } };
  } finally {
    reader.close();
  }
}

/** The index of a point, and the stream that stands in for it. */
function filesOf({ archive }: ArchiveReader): (ref: PointRef) => string[] {
  return ({ source, point: { index, parts } }) =>
    [...(index === null ? [] : [index]), ...parts].map(({ file }) =>
      join(archive.folder, source.folder, file),
    );
}

/** Of the keys nothing is kept but a hash. */
function questionOf({ folder, point, secrets }: PointInput): string {
  const question = JSON.stringify([folder, point, secrets ?? null]);
  return createHash('sha256').update(question).digest('base64');
}

function stampsOf(files: readonly string[]): string {
  const stamps = files.map((file) => {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    return found && [found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
  });
  return stamps.join();
}

import { DendroError } from '../../shared/errors.ts';
import type { Secrets } from '../../main/archive/folder/keys.ts';
import { isSame } from '../../main/archive/folder/archive.ts';
import type { Identity } from '../../main/archive/format/manifest.ts';
import { openTree } from '../../main/archive/read/open-tree.ts';
import { openReader, type ArchiveReader, type PointRef } from '../../main/archive/read/reader.ts';
import { wholeContent } from '../../main/archive/tree/read-content.ts';
import { context } from './archive-harness.ts';

/** Files of each point, by its name and their paths, as they were when it was backed up. */
export type Truth = ReadonlyMap<string, ReadonlyMap<string, Buffer>>;

/** What reading every file of every point gave. */
export interface Readable {
  /** By point: paths that came back as they were. */
  readonly right: ReadonlyMap<string, ReadonlySet<string>>;
  /** Without any error: came back otherwise, were not there, or had never been there. */
  readonly wrong: readonly string[];
}

/** More is not read of a file: a forged size may say anything. */
const MAX_CONTENT = 8 << 20;

/** @param identities by name, as they were. @throws what is no typed error */
export async function readableFiles(
  folder: string,
  secrets: Secrets,
  truth: Truth,
  identities: ReadonlyMap<string, Identity> = new Map(),
): Promise<Readable> {
  const right = new Map<string, ReadonlySet<string>>();
  const wrong: string[] = [];
  const reader = await typed(() => openReader(folder, secrets));
  for (const [name, files] of reader === undefined ? [] : truth) {
    const readings = await Promise.all(
      pointsCalled(reader!, name, identities.get(name)).map((ref) =>
        readPoint(reader!, ref, name, files),
      ),
    );
    // Of several the one that is meant.
    const [best] = readings.sort((a, b) => b.right.size - a.right.size);
    if (best === undefined) continue;
    right.set(name, best.right);
    wrong.push(...best.wrong);
  }
  reader?.close();
  return { right, wrong };
}

/** By its name or, where that was changed or given to another point, by its identity. */
function pointsCalled(
  { all }: ArchiveReader,
  name: string,
  identity: Identity | undefined,
): PointRef[] {
  const named = all.filter(({ point }) => point.name === name);
  if (named.length === 1 || identity === undefined) return named;
  return all.filter(({ point }) => point.name === name || isSame(point, identity));
}

interface Reading {
  readonly right: Set<string>;
  readonly wrong: string[];
}

async function readPoint(
  reader: ArchiveReader,
  ref: PointRef,
  name: string,
  files: ReadonlyMap<string, Buffer>,
): Promise<Reading> {
  const reading: Reading = { right: new Set(), wrong: [] };
  await typed(async () => {
    await reader.unlock(reader.closureOf(ref));
    const { tree, resolver } = openTree(reader, ref, context().cancel);
    const left = new Set(files.keys());
    for (const { path, inode } of tree.walk()) {
      left.delete(path);
      if (inode.kind !== 'file') continue;
      await typed(() => {
        const parts: Buffer[] = [];
        let length = 0;
        for (const bytes of wholeContent(path, inode.version, resolver)) {
          parts.push(Buffer.from(bytes));
          if ((length += bytes.length) > MAX_CONTENT) break;
        }
        if (files.get(path)?.equals(Buffer.concat(parts)) === true) reading.right.add(path);
        else reading.wrong.push(`${name}/${path}`);
      });
    }
    reading.wrong.push(...[...left].map((path) => `${name}/${path} is not there`));
  });
  return reading;
}

async function typed<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DendroError) || error.kind === 'Bug') throw error;
    return undefined;
  }
}

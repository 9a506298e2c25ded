import { DendroError } from '../../shared/errors.ts';
import type { Secrets } from '../../main/archive/folder/keys.ts';
import { openTree } from '../../main/archive/read/open-tree.ts';
import { openReader, type ArchiveReader } from '../../main/archive/read/reader.ts';
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

/** @throws what is no typed error */
export async function readableFiles(
  folder: string,
  secrets: Secrets,
  truth: Truth,
): Promise<Readable> {
  const right = new Map([...truth.keys()].map((name) => [name, new Set<string>()]));
  const wrong: string[] = [];
  const reader = await typed(() => openReader(folder, secrets));
  for (const [name, files] of reader === undefined ? [] : truth) {
    await typed(() => readPoint(reader!, name, files, right.get(name)!, wrong));
  }
  reader?.close();
  return { right, wrong };
}

async function readPoint(
  reader: ArchiveReader,
  name: string,
  files: ReadonlyMap<string, Buffer>,
  right: Set<string>,
  wrong: string[],
): Promise<void> {
  const ref = reader.all.find(({ point }) => point.name === name);
  if (ref === undefined) return;
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
      if (files.get(path)?.equals(Buffer.concat(parts)) === true) right.add(path);
      else wrong.push(`${name}/${path}`);
    });
  }
  wrong.push(...[...left].map((path) => `${name}/${path} is not there`));
}

async function typed<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DendroError) || error.kind === 'Bug') throw error;
    return undefined;
  }
}

import { printable } from '../../../shared/model/bytes-text.ts';
import type { TakePath } from '../../archive/verbs/entries.ts';
import { longRow } from '../ls.ts';
import { JsonList } from './json-list.ts';
import { OutputBatches } from '../output-batches.ts';

/** Prints paths while they are found. */
export interface PathOutput {
  readonly take: TakePath;
  /** Carries `find` out and ends the output, also when it fails. */
  whole<T>(find: () => Promise<T>): Promise<T>;
}

export function plainPaths(): PathOutput {
  return withLines((lines) => (path) => lines.add(`${printable(path)}\n`));
}

/** As `ls -l`, with the path for the name. */
export function longPaths(): PathOutput {
  return withLines(
    (lines) => (path, entry) => lines.add(`${longRow({ ...entry(), name: path })}\n`),
  );
}

/** An array of `{ path, entry }`; when it fails it stays open, and no reader takes it for whole. */
export function jsonPaths(): PathOutput {
  const list = new JsonList();
  return {
    take: (path, entry) => list.add({ path, entry: entry() }),
    whole: async (find) => {
      const result = await find();
      list.end();
      return result;
    },
  };
}

function withLines(takeInto: (lines: OutputBatches) => TakePath): PathOutput {
  const lines = new OutputBatches();
  return {
    take: takeInto(lines),
    whole: (find) => find().finally(() => lines.end()),
  };
}

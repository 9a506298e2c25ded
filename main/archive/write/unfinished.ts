import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readText, removeFile, writeDurably } from '../folder/durable.ts';
import { INDEX_SUFFIX, RESUME_SUFFIX, STREAM_SUFFIX } from '../folder/names.ts';
import { allFilesOf, openArchive } from '../folder/archive.ts';

/** Beside a stream file that is being written: what it is to be. */
const Note = z.object({
  format: z.literal('dendro-unfinished'),
  base: z.string().min(1),
  /** The same request gives the same stream; '' cannot be gone on with. */
  fingerprint: z.string(),
  name: z.string(),
  beganAtMs: z.int(),
  /** Files whose place it takes: they go when a restore point lists it instead of them. */
  replaces: z.array(z.string()).default([]),
});
export type Unfinished = z.infer<typeof Note> & { readonly folder: string };

export function noteBegun(inside: string, note: Omit<z.input<typeof Note>, 'format'>): void {
  const text = JSON.stringify({ format: 'dendro-unfinished', ...note });
  writeDurably(join(inside, note.base + RESUME_SUFFIX), `${text}\n`);
}

export function noteEnded(inside: string, base: string): void {
  removeFile(join(inside, base + RESUME_SUFFIX));
}

/** What was begun in this folder of the archive and has not come to its end. */
export function unfinishedIn(inside: string): Unfinished[] {
  const names = list(inside).filter((name) => name.endsWith(RESUME_SUFFIX));
  return names.flatMap((name) => {
    const parsed = Note.safeParse(jsonOf(readText(join(inside, name)) ?? ''));
    const base = name.slice(0, -RESUME_SUFFIX.length);
    // One that was cut short says nothing but that there is something to take away.
    const unknown = {
      format: 'dendro-unfinished' as const,
      fingerprint: '',
      name: base,
      beganAtMs: 0,
      replaces: [],
    };
    return [{ ...(parsed.success ? parsed.data : unknown), base, folder: inside }];
  });
}

/**
 * Removes the files of what was begun, and those that it has replaced already; what a restore
 * point lists is not touched.
 */
export function removeUnfinished(archive: string, inside: string, base: string): void {
  const listed = new Set<string>();
  try {
    const { manifest } = openArchive(archive);
    for (const { folder, points } of manifest.sources) {
      if (join(archive, folder) !== inside) continue;
      for (const file of points.flatMap((point) => allFilesOf(point))) listed.add(file);
    }
  } catch {
    // A new archive has no manifest yet.
  }
  const starts = [base + STREAM_SUFFIX, base + INDEX_SUFFIX];
  const { replaces = [] } = unfinishedIn(inside).find((one) => one.base === base) ?? {};
  for (const name of list(inside)) {
    const isPart = starts.some((start) => name.startsWith(start)) || replaces.includes(name);
    if (isPart && !listed.has(name)) removeFile(join(inside, name));
  }
  noteEnded(inside, base);
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

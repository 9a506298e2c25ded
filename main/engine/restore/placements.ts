import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import { S_IFDIR, S_IFMT } from '../../linux/files.ts';
import { FILE_TYPE } from '../format/constants.ts';
import { joinPath, lookup, readDirectory, type Found, type Subvolume } from '../tree/index.ts';
import type { CancelToken } from '../cancel.ts';
import type { TargetNames } from './target-names.ts';
import { exists, freeMarkedPath, freePath, statusOf } from './destination.ts';

/**
 * What happens where a name is taken:
 * - keep-both: what is restored gets the name with ' (restored)'.
 * - replace: what stands there is renamed to the name with ' (before restore)'.
 * - skip: what stands there stays, and only what is missing is restored; folders are gone into.
 */
export type Clash = 'keep-both' | 'replace' | 'skip';

export interface RestoreItem {
  /** In the subvolume, and below the folder; text that keeps its bytes. */
  readonly from: string;
  readonly to: string;
}

/** One file or folder, with all below it, that gets one new name. */
export interface Placement {
  readonly item: RestoreItem;
  readonly found: Found;
  readonly from: Uint8Array;
  /** What was asked for, in names that the target takes. */
  readonly wanted: Uint8Array;
  /** Below the folder. Nothing stands there, unless `aside` says where that goes. */
  readonly to: Uint8Array;
  readonly aside: Uint8Array | null;
}

export interface Placing {
  readonly placements: readonly Placement[];
  /** Names that were left alone because something stands there. */
  readonly skipped: number;
}

export interface PlacingRules {
  readonly clash: Clash;
  /** Beside the original: marked even where the name is free. */
  readonly beside: boolean;
  /** How names are written at the target. */
  readonly names: TargetNames;
}

/** Decides for each item what it will be called; nothing is written. */
export function placeItems(
  top: Subvolume,
  root: number,
  items: readonly RestoreItem[],
  { clash, beside, names }: PlacingRules,
  cancel: CancelToken,
): Placing {
  const placements: Placement[] = [];
  const taken = new Set<string>();
  const isTaken = (path: Uint8Array): boolean => taken.has(key(path));
  let skipped = 0;
  const add = (placement: Placement): void => {
    taken.add(key(placement.to));
    if (placement.aside !== null) taken.add(key(placement.aside));
    placements.push(placement);
  };
  const missingOnly = (item: RestoreItem, found: Found, from: Uint8Array, to: Uint8Array): void => {
    cancel.check();
    const there = statusOf(root, to);
    if (there === undefined && !isTaken(to))
      return add({ item, found, from, wanted: to, to, aside: null });
    const isFolder = there !== undefined && (there.mode & S_IFMT) === S_IFDIR;
    if (!isFolder || found.type !== FILE_TYPE.directory) {
      skipped += 1;
      return;
    }
    const nameOf = names.inFolder(() => {});
    for (const entry of [...readDirectory(found.subvolume, found.inode)]) {
      if (entry.isSubvolume) continue;
      const { inode, type, name } = entry;
      const child = { subvolume: found.subvolume, inode, type };
      const source = joinPath(from, name);
      missingOnly(item, child, source, joinPath(to, nameOf(name, source)));
    }
  };
  for (const item of withoutInner(items)) {
    const [from, wanted] = [bytesFromText(item.from), names.path(confined(item.to))];
    const place = (to: Uint8Array, aside: Uint8Array | null): void =>
      add({ item, found, from, wanted, to, aside });
    const found = lookup(top, from);
    if (beside) {
      place(freeMarkedPath(root, wanted, 'restored', isTaken), null);
    } else if (clash === 'skip') missingOnly(item, found, from, wanted);
    else if (clash === 'keep-both' || isTaken(wanted) || !exists(root, wanted)) {
      place(freePath(root, wanted, isTaken), null);
    } else {
      place(wanted, freeMarkedPath(root, wanted, 'before restore', isTaken));
    }
  }
  return { placements, skipped };
}

/** A file or folder in the folder that is restored anyway, to its place there, is left out. */
function withoutInner(items: readonly RestoreItem[]): RestoreItem[] {
  const all = new Map(items.map((item) => [item.from, item.to]));
  return items.filter(({ from, to }) => {
    for (let cut = from.lastIndexOf('/'); cut >= 0; cut = from.lastIndexOf('/', cut - 1)) {
      const above = all.get(from.slice(0, cut));
      if (above !== undefined && to === `${above}${from.slice(cut)}`) return false;
      if (cut === 0) break;
    }
    return from === '' || all.get('') === undefined || to !== `${all.get('')!}/${from}`;
  });
}

function confined(to: string): Uint8Array {
  const bad = to === '' || to.startsWith('/') || to.split('/').some((n) => n === '..' || n === '.');
  if (!bad) return bytesFromText(to);
  throw conflict(
    'bad-destination',
    say`"${{ to: printable(to) }}" is no name for a restored file.`,
    {
      hint: 'Name a path below the folder, without dots.',
    },
  );
}

function key(path: Uint8Array): string {
  return Buffer.from(path).toString('latin1');
}

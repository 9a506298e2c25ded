import { conflict, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import { isDamage } from '../../engine/volume/index.ts';
import { exists, freeMarkedPath, freePath, statusOf } from '../../engine/restore/destination.ts';
import type { PlacingRules, RestoreItem } from '../../engine/restore/placements.ts';
import { joinPath } from '../../engine/tree/index.ts';
import { S_IFDIR, S_IFMT } from '../../linux/files.ts';
import { NOTHING, type PlacedNode, type PlacedTree } from '../node.ts';
import { requireNode } from '../open-place.ts';
import { fromPlace } from './from-place.ts';

/** One node, with all below it, that gets one new name. */
export interface NodePlacement {
  readonly item: RestoreItem;
  readonly node: PlacedNode;
  readonly from: Uint8Array;
  /** What was asked for, in names that the target takes. */
  readonly wanted: Uint8Array;
  /** Below the folder. Nothing stands there, unless `aside` says where that goes. */
  readonly to: Uint8Array;
  readonly aside: Uint8Array | null;
}

export interface NodePlacing {
  readonly placements: readonly NodePlacement[];
  /** Names that were left alone because something stands there. */
  readonly skipped: number;
  /** Folders that cannot be listed: what is missing of them is not known. */
  readonly unreadable: readonly { readonly from: Uint8Array; readonly error: DendroError }[];
}

/** Decides for each item what it will be called; nothing is written. @throws Conflict */
export function placeNodes(
  tree: PlacedTree,
  root: number,
  items: readonly RestoreItem[],
  { clash, beside, names }: PlacingRules,
  cancel: CancelToken,
): NodePlacing {
  const placements: NodePlacement[] = [];
  const taken = new Set<string>();
  const key = (path: Uint8Array): string => Buffer.from(path).toString('latin1');
  const isTaken = (path: Uint8Array): boolean => taken.has(key(path));
  const unreadable: { from: Uint8Array; error: DendroError }[] = [];
  let skipped = 0;
  const childrenOf = (node: PlacedNode, from: Uint8Array): ReadonlyMap<string, PlacedNode> => {
    try {
      return fromPlace(() => node.children());
    } catch (error) {
      if (!isDamage(error)) throw error;
      unreadable.push({ from, error });
      return NOTHING;
    }
  };
  const add = (placement: NodePlacement): void => {
    taken.add(key(placement.to));
    if (placement.aside !== null) taken.add(key(placement.aside));
    placements.push(placement);
  };
  const missingOnly = (placement: Omit<NodePlacement, 'aside'>): void => {
    cancel.check();
    const { item, node, from, to } = placement;
    const there = statusOf(root, to);
    if (there === undefined && !isTaken(to)) return add({ ...placement, aside: null });
    const isFolder = there !== undefined && (there.mode & S_IFMT) === S_IFDIR;
    if (!isFolder || node.type !== 'directory') {
      skipped += 1;
      return;
    }
    const nameOf = names.inFolder(() => {});
    for (const [name, child] of childrenOf(node, from)) {
      const bytes = Buffer.from(name, 'latin1');
      const source = joinPath(from, bytes);
      const below = joinPath(to, nameOf(bytes, source));
      missingOnly({ item, node: child, from: source, wanted: below, to: below });
    }
  };
  for (const item of items) {
    const node = requireNode(tree, item.from);
    const [from, wanted] = [bytesFromText(item.from), names.path(confined(item.to))];
    const place = (to: Uint8Array, aside: Uint8Array | null): void =>
      add({ item, node, from, wanted, to, aside });
    if (beside) place(freeMarkedPath(root, wanted, 'restored', isTaken), null);
    else if (clash === 'skip') missingOnly({ item, node, from, wanted, to: wanted });
    else if (clash === 'keep-both' || isTaken(wanted) || !exists(root, wanted)) {
      place(freePath(root, wanted, isTaken), null);
    } else {
      place(wanted, freeMarkedPath(root, wanted, 'before restore', isTaken));
    }
  }
  return { placements, skipped, unreadable };
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

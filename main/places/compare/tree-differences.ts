import type { DendroError } from '../../../shared/errors.ts';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { Difference } from '../../../shared/model/comparison.ts';
import { kindOf } from '../../engine/proof/inode-aspects.ts';
import type { DifferenceHooks } from '../../engine/proof/snapshot-differences.ts';
import { SortedList } from '../../engine/spill/sorted-list.ts';
import { isDamage } from '../../engine/volume/index.ts';
import { directoryTwice } from '../../engine/tree/index.ts';
import { NOTHING, type PlacedNode } from '../node.ts';
import { Gone } from './gone.ts';
import { aspectsOf } from './node-aspects.ts';
import { sameFile } from './same-file.ts';

/** A node by its path, a character a byte. */
export interface Placed {
  readonly path: string;
  readonly node: PlacedNode;
}

/** What a folder holds, as far as it can be read. */
interface Children {
  readonly nodes: ReadonlyMap<string, PlacedNode>;
  /** False: there may be more. */
  readonly isWhole: boolean;
}

/** One thing as it was and as it is. */
type Pair = readonly [old: Placed, fresh: Placed];

/**
 * What differs between two trees that lie anywhere, in the order of paths: by name, and what has
 * gone under one name and come under another by its kind, size, time and content. To be closed.
 */
export function treeDifferences(
  before: PlacedNode,
  after: PlacedNode,
  hooks: DifferenceHooks,
): SortedList<Difference> {
  return new TreeDifferences(hooks).run(before, after);
}

class TreeDifferences {
  readonly #hooks: DifferenceHooks;
  /** An archive may be encrypted. */
  readonly #found = new SortedList<Difference>({ isSecret: true });
  readonly #gone = new Gone();
  /** What is new: folders are looked for first, for what is in them goes with them. */
  readonly #folders: Placed[] = [];
  readonly #others: Placed[] = [];
  /** Where each folder of the one side, and of the other, was met: damaged names lead to one twice. */
  readonly #oldPlaces = new Map<unknown, string>();
  readonly #newPlaces = new Map<unknown, string>();

  constructor(hooks: DifferenceHooks) {
    this.#hooks = hooks;
  }

  run(before: PlacedNode, after: PlacedNode): SortedList<Difference> {
    try {
      this.#both({ path: '', node: before }, { path: '', node: after });
      for (let next = this.#nextNew(); next !== undefined; next = this.#nextNew()) this.#new(next);
      for (const { path, node } of this.#gone.all()) this.#tell(lone('removed', path, node));
      return this.#found;
    } catch (error) {
      this.#found.close();
      throw error;
    }
  }

  #tell(difference: Difference): void {
    this.#found.add(difference.path, difference);
  }

  /** Two that are taken for the same thing, and what is in them, however deep that is. */
  #both(old: Placed, fresh: Placed, isMoved = false): void {
    const open = this.#pair(old, fresh, isMoved);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const pair of this.#pair(...next)) open.push(pair);
    }
  }

  /** @returns what stands in both, the last one first. */
  #pair(old: Placed, fresh: Placed, isMoved = false): Pair[] {
    this.#hooks.check();
    const shown = textOf(fresh.path);
    const aspects = this.#aspectsPastDamage(shown, old.node, fresh.node);
    if (isMoved || aspects.length > 0) {
      this.#tell({
        path: shown,
        type: fresh.node.type,
        kind: isMoved ? 'moved' : kindOf(aspects),
        previousPath: old.path === fresh.path ? null : textOf(old.path),
        aspects,
        sizeBytes: fresh.node.sizeBytes,
        previousBytes: old.node.sizeBytes,
      });
    }
    return fresh.node.type === 'directory' ? this.#inside(old, fresh, shown) : [];
  }

  #inside(old: Placed, fresh: Placed, shown: string): Pair[] {
    const olds = this.#childrenOf(old, shown, this.#oldPlaces);
    const news = this.#childrenOf(fresh, shown, this.#newPlaces);
    const pairs: Pair[] = [];
    for (const [name, node] of olds.nodes) {
      const placed = { path: below(old.path, name), node };
      const now = news.nodes.get(name);
      if (now === undefined && !news.isWhole) continue; // it may be there
      const isBoth = now?.type === node.type && !this.#gone.isTaken(placed.path);
      if (isBoth) pairs.push([placed, { path: below(fresh.path, name), node: now }]);
      else this.#goneTree(placed);
    }
    for (const [name, node] of news.nodes) {
      const then = olds.nodes.get(name);
      if (then === undefined && !olds.isWhole) continue;
      if (then?.type !== node.type || this.#gone.isTaken(below(old.path, name))) {
        this.#come({ path: below(fresh.path, name), node });
      }
    }
    return pairs.reverse();
  }

  #come(placed: Placed): void {
    (placed.node.type === 'directory' ? this.#folders : this.#others).push(placed);
  }

  #nextNew(): Placed | undefined {
    return this.#folders.shift() ?? this.#others.pop();
  }

  /** All of it may have gone somewhere else, piece by piece. */
  #goneTree(top: Placed): void {
    const open = [top];
    for (let placed = open.pop(); placed !== undefined; placed = open.pop()) {
      this.#hooks.check();
      this.#gone.add(placed);
      const { nodes } = this.#childrenOf(placed, textOf(placed.path), this.#oldPlaces);
      for (const [name, node] of nodes) open.push({ path: below(placed.path, name), node });
    }
  }

  #new(fresh: Placed): void {
    this.#hooks.check();
    const old = this.#gone.take(fresh, (one) => this.#isSameFile(one.node, fresh));
    if (old !== undefined) return this.#both(old, fresh, true);
    this.#tell(lone('added', fresh.path, fresh.node));
    const { nodes } = this.#childrenOf(fresh, textOf(fresh.path), this.#newPlaces);
    for (const [name, node] of nodes) {
      this.#come({ path: below(fresh.path, name), node });
    }
  }

  #isSameFile(old: PlacedNode, { path, node }: Placed): boolean {
    if (node.type !== 'file') return true;
    return this.#readably(textOf(path), () => sameFile(old, node, this.#hooks.onRead), false);
  }

  /** A file that cannot be read is told as different. */
  #aspectsPastDamage(shown: string, old: PlacedNode, fresh: PlacedNode): string[] {
    const problem = old.problem ?? fresh.problem;
    if (problem === undefined) return this.#aspects(shown, old, fresh);
    this.#hooks.onUnreadable(shown, problem.message);
    return fresh.type === 'file' ? ['data'] : [];
  }

  #aspects(shown: string, old: PlacedNode, fresh: PlacedNode): string[] {
    const isOther = (): boolean => {
      if (old.sizeBytes !== fresh.sizeBytes) return true;
      return !this.#readably(shown, () => sameFile(old, fresh, this.#hooks.onRead), false);
    };
    return this.#readably(shown, () => aspectsOf(old, fresh, isOther), ['data']);
  }

  #childrenOf({ path, node }: Placed, shown: string, places: Map<unknown, string>): Children {
    if (node.type !== 'directory') return { nodes: NOTHING, isWhole: true };
    let isWhole = true;
    const onLost = (error: DendroError): void => {
      isWhole = false;
      this.#hooks.onUnreadable(shown, error.message);
    };
    const read = (): Children => {
      if ((places.get(node.identity) ?? path) !== path) throw directoryTwice(node.inode);
      places.set(node.identity, path);
      return { nodes: node.children(onLost), isWhole };
    };
    return this.#readably(shown, read, { nodes: NOTHING, isWhole: false });
  }

  #readably<T>(path: string, read: () => T, otherwise: T): T {
    try {
      return read();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#hooks.onUnreadable(path, error.message);
      return otherwise;
    }
  }
}

function lone(kind: 'added' | 'removed', path: string, node: PlacedNode): Difference {
  const { type, sizeBytes } = node;
  const facts = { type, kind, previousPath: null, aspects: [], sizeBytes };
  return { path: textOf(path), ...facts, previousBytes: kind === 'added' ? null : sizeBytes };
}

export function below(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

function textOf(path: string): string {
  return textFromBytes(Buffer.from(path, 'latin1'));
}

import type { PlacedNode } from '../node.ts';

interface Placed {
  readonly path: string;
  readonly node: PlacedNode;
}

/** What is not where it was, to be found again under another name. */
export class Gone {
  readonly #byPath = new Map<string, Placed>();
  readonly #byKey = new Map<string, Placed[]>();
  readonly #taken = new Set<string>();

  add(placed: Placed): void {
    if (this.#taken.has(placed.path)) return;
    this.#byPath.set(placed.path, placed);
    const key = keyOf(placed.node);
    if (key === undefined) return;
    const list = this.#byKey.get(key);
    if (list === undefined) this.#byKey.set(key, [placed]);
    else list.push(placed);
  }

  /** It is somewhere else already. */
  isTaken(path: string): boolean {
    return this.#taken.has(path);
  }

  /** What this was, by its kind, size and time; the one of the same name before all others. */
  take(fresh: Placed, isSame: (old: Placed) => boolean): Placed | undefined {
    const key = keyOf(fresh.node);
    const candidates = (key === undefined ? [] : (this.#byKey.get(key) ?? [])).filter(
      (one) => this.#byPath.get(one.path) === one,
    );
    const ranked = candidates
      .map((old) => ({ old, likeness: likeness(old, fresh) }))
      .filter((one) => one.likeness > 0)
      .sort((a, b) => b.likeness - a.likeness);
    for (const { old } of ranked) {
      if (!isSame(old)) continue;
      this.#taken.add(old.path);
      this.#forget(old.path);
      return old;
    }
    return undefined;
  }

  all(): Iterable<Placed> {
    return this.#byPath.values();
  }

  /** With what lies below it: that is looked at again where it is now. */
  #forget(path: string): void {
    const open = [path];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const top = this.#byPath.get(next);
      this.#byPath.delete(next);
      if (top?.node.type !== 'directory') continue;
      for (const name of namesIn(top.node)) {
        const inside = `${next}/${name}`;
        if (this.#byPath.has(inside)) open.push(inside);
      }
    }
  }
}

/** Undefined where too little is known to say that one is the other. */
function keyOf({ type, modified, sizeBytes, rdev }: PlacedNode): string | undefined {
  if (modified === undefined || type === 'subvolume') return undefined;
  return `${type} ${modified.seconds}.${modified.nanoseconds} ${sizeBytes} ${rdev}`;
}

function likeness(old: Placed, fresh: Placed): number {
  const named = lastName(old.path) === lastName(fresh.path) ? 1 : 0;
  if (fresh.node.type !== 'directory') return 1 + named;
  const names = new Set(namesIn(fresh.node));
  const olds = namesIn(old.node);
  const common = olds.filter((name) => names.has(name)).length;
  return common > 0 || (names.size === 0 && olds.length === 0) ? 2 * common + named + 1 : 0;
}

/** Those that can be read: that others cannot is told where the folder is compared. */
function namesIn(folder: PlacedNode): string[] {
  return [...folder.children(() => {}).keys()];
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

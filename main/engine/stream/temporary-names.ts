import { atTop, TOP, type Key, type NameTree } from './namespace.ts';

/** Names at the top for what stands in the way, in the kernel's form; unused in both trees. */
export class TemporaryNames {
  readonly #old: NameTree | undefined;
  readonly #fresh: NameTree;
  readonly #given = new Set<string>();

  constructor(old: NameTree | undefined, fresh: NameTree) {
    this.#old = old;
    this.#fresh = fresh;
  }

  /**
   * None is given twice: two inodes of one number and generation are possible, from two lines of
   * snapshots.
   */
  nameFor(key: Key): string {
    const inode = Math.abs(key);
    const identity = (key < 0 ? this.#old! : this.#fresh).identity(inode);
    const stem = `o${inode}-${Math.floor(identity / 16)}`;
    for (let attempt = 0; ; attempt++) {
      const name = `${stem}-${attempt}`;
      if (this.#given.has(name) || this.#isUsed(name)) continue;
      this.#given.add(name);
      return name;
    }
  }

  #isUsed(text: string): boolean {
    const { name } = atTop(text);
    return this.#fresh.holder(TOP, name) !== 0 || (this.#old?.holder(TOP, name) ?? 0) !== 0;
  }
}

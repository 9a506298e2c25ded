import type { Link, NameTree } from '../../main/engine/stream/namespace.ts';

interface ModelInode {
  readonly generation: number;
  /** `mode >> 12`: 4 a directory, 8 a file. */
  readonly type: number;
}

const text = (name: Uint8Array): string => Buffer.from(name).toString('latin1');
const bytes = (name: string): Uint8Array => new Uint8Array(Buffer.from(name, 'latin1'));

/** A tree of names in memory, for tests: inodes, and for each directory its entries. */
export class ModelTree implements NameTree {
  readonly inodes = new Map<number, ModelInode>([[256, { generation: 1, type: 4 }]]);
  readonly directories = new Map<number, Map<string, number>>([[256, new Map()]]);

  add(directory: number, name: string, inode: number, made?: ModelInode): void {
    if (made !== undefined) this.inodes.set(inode, made);
    if (made?.type === 4) this.directories.set(inode, new Map());
    this.directories.get(directory)!.set(name, inode);
  }

  copy(): ModelTree {
    const tree = new ModelTree();
    for (const [inode, made] of this.inodes) tree.inodes.set(inode, made);
    for (const [directory, entries] of this.directories) {
      tree.directories.set(directory, new Map(entries));
    }
    return tree;
  }

  /** Every name as `path -> identity`. */
  listing(): Map<string, string> {
    const found = new Map<string, string>();
    const visit = (directory: number, prefix: string): void => {
      for (const [name, inode] of this.directories.get(directory)!) {
        found.set(prefix + name, `${inode}/${this.identity(inode)}`);
        if (this.directories.has(inode)) visit(inode, `${prefix}${name}/`);
      }
    };
    visit(256, '');
    return found;
  }

  essence(): string {
    return '';
  }

  identity(inode: number): number {
    const made = this.inodes.get(inode);
    return made === undefined ? -1 : made.generation * 16 + made.type;
  }

  links(inode: number): Link[] {
    const links: Link[] = [];
    for (const [parent, entries] of this.directories) {
      for (const [name, child] of entries)
        if (child === inode) links.push({ parent, name: bytes(name) });
    }
    return links;
  }

  holder(directory: number, name: Uint8Array): number {
    return this.directories.get(directory)?.get(text(name)) ?? 0;
  }

  *children(directory: number): Iterable<{ inode: number; name: Uint8Array }> {
    for (const [name, inode] of this.directories.get(directory)!) {
      yield { inode, name: bytes(name) };
    }
  }
}

/** A receiver that knows names only, and refuses what a filesystem would refuse. */
export class ModelReceiver {
  readonly #tops: Map<string, string>;
  count = 0;
  temporary = 0;

  constructor(start: Map<string, string>) {
    this.#tops = new Map(start);
  }

  get listing(): Map<string, string> {
    return this.#tops;
  }

  create(path: string, what: string): void {
    this.#mustBeFree(path);
    this.#tops.set(path, what);
  }

  rename(from: string, to: string): void {
    this.#mustBeFree(to);
    const what = this.#at(from);
    if (to.startsWith(`${from}/`)) throw new Error(`${from} into itself`);
    for (const [path, other] of [...this.#tops]) {
      if (!path.startsWith(`${from}/`)) continue;
      this.#tops.delete(path);
      this.#tops.set(to + path.slice(from.length), other);
    }
    this.#tops.delete(from);
    this.#tops.set(to, what);
    if (/^o\d+-\d+-\d+$/.test(to)) this.temporary++;
  }

  link(path: string, existing: string): void {
    this.#mustBeFree(path);
    this.#tops.set(path, this.#at(existing));
  }

  unlink(path: string): void {
    this.#at(path);
    if (this.#hasChildren(path)) throw new Error(`unlink of directory ${path}`);
    this.#tops.delete(path);
    this.count++;
  }

  rmdir(path: string): void {
    this.#at(path);
    if (this.#hasChildren(path)) throw new Error(`${path} is not empty`);
    this.#tops.delete(path);
    this.count++;
  }

  #at(path: string): string {
    const what = this.#tops.get(path);
    if (what === undefined) throw new Error(`${path} is not there`);
    this.count++;
    return what;
  }

  #mustBeFree(path: string): void {
    this.count++;
    if (this.#tops.has(path)) throw new Error(`${path} is in the way`);
    const slash = path.lastIndexOf('/');
    if (slash >= 0 && !this.#tops.has(path.slice(0, slash))) {
      throw new Error(`no directory for ${path}`);
    }
  }

  #hasChildren(path: string): boolean {
    for (const other of this.#tops.keys()) if (other.startsWith(`${path}/`)) return true;
    return false;
  }
}

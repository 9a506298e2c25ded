import type { EntryType } from '../../shared/model/entry.ts';
import type { Inode } from '../archive/tree/inode.ts';
import { holesOf, readNamed } from '../archive/tree/read-content.ts';
import type { ContentResolver } from '../archive/tree/resolve.ts';
import { NOTHING, type PlacedNode, type Stretch } from './node.ts';

/** An inode as the streams of an archive describe it. */
export class ArchiveNode implements PlacedNode {
  readonly source: Inode;
  readonly resolver: ContentResolver;
  readonly #path: string;

  constructor(source: Inode, resolver: ContentResolver, path: string) {
    this.source = source;
    this.resolver = resolver;
    this.#path = path;
  }

  get type(): EntryType {
    return this.source.kind;
  }
  get identity(): unknown {
    return this.source.key;
  }
  get inode(): number {
    return this.source.number;
  }
  get links(): number {
    return this.source.links;
  }
  get sizeBytes(): number {
    return this.source.kind === 'file' ? this.source.size : 0;
  }
  get dataBytes(): number {
    const { version } = this.source;
    return this.sizeBytes === 0 ? 0 : version.size - holesOf(version, this.resolver);
  }
  get mode(): number {
    return this.source.mode;
  }
  get uid(): number {
    return this.source.uid;
  }
  get gid(): number {
    return this.source.gid;
  }
  get times(): Uint8Array | undefined {
    return this.source.times;
  }
  get modified(): PlacedNode['modified'] {
    const { times } = this.source;
    if (times === undefined) return undefined;
    return { seconds: Number(times.readBigInt64LE(24)), nanoseconds: times.readUInt32LE(32) };
  }
  get rdev(): number {
    return this.source.rdev;
  }
  /** Streams of version 1 say nothing of them. */
  get flags(): number | undefined {
    return this.source.flags === 0 ? undefined : this.source.flags;
  }

  target(): Buffer | undefined {
    return this.source.target;
  }

  xattrs(): ReadonlyMap<string, Buffer> {
    return this.source.xattrs ?? NOTHING;
  }

  children(): ReadonlyMap<string, PlacedNode> {
    const found = new Map<string, PlacedNode>();
    for (const [name, child] of this.source.children ?? []) {
      found.set(name, this.#nodeOf(name, child));
    }
    return found;
  }

  child(name: string): PlacedNode | undefined {
    const found = this.source.children?.get(name);
    return found && this.#nodeOf(name, found);
  }

  read(from = 0, length = Number.MAX_SAFE_INTEGER): Iterable<Stretch> {
    const { version } = this.source;
    const end = Math.min(version.size, from + length);
    return readNamed(this.#path, version, this.resolver, from, end);
  }

  #nodeOf(name: string, child: Inode): PlacedNode {
    const path = this.#path === '' ? name : `${this.#path}/${name}`;
    return new ArchiveNode(child, this.resolver, path);
  }
}

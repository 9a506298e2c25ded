import type { DendroError } from '../../../shared/errors.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import { INODE_FLAG } from '../../engine/format/constants.ts';
import type { MovingSink } from '../../engine/sink/short-paths.ts';
import type { CommandSink } from '../../engine/stream/command-sink.ts';
import { MAX_WRITE_V1, MAX_WRITE_V2 } from '../../engine/stream/protocol.ts';
import type { Identity } from '../format/manifest.ts';
import { KIND_MODE, type Inode } from '../tree/inode.ts';
import { readNamed, readNamedPlaced, type Chunk } from '../tree/read-content.ts';
import { untilDamage } from '../read/damage.ts';
import type { ContentResolver } from '../tree/resolve.ts';
import { writeProperties } from './properties.ts';
import { SharedContent } from './shared-content.ts';
import type { WrittenData } from './written-data.ts';

export interface ComposeOptions {
  readonly protocol: number;
  readonly cancel: CancelToken;
  /** Data that files share is written once, and cloned within the snapshot that the stream makes. */
  readonly clones?: { readonly written: WrittenData; readonly identity: Identity };
  /** Left out, with all that is below it. */
  readonly isExcluded?: (path: Buffer, isDirectory: boolean) => boolean;
  /** A file's content is damaged: it is left out. Without this the error is thrown. */
  readonly onDamage?: (path: string, error: DendroError) => void;
  /** Called for each name, with the bytes of file data so far. */
  readonly onProgress?: (bytes: number, names: number, path: string) => void;
}

/** The commands that make a whole tree. */
export type ComposedSink = MovingSink & Pick<CommandSink, 'unlink' | 'clone' | 'enableVerity'>;

/**
 * Says a whole tree as commands that make it in an empty subvolume: everything of a full stream
 * but its first command and its END. Contents are read as they are needed; in memory is the
 * tree alone.
 */
export function composeTree(
  top: Inode,
  resolver: ContentResolver,
  sink: ComposedSink,
  options: ComposeOptions,
): void {
  new Composer(resolver, sink, options).run(top);
}

class Composer {
  readonly #resolver: ContentResolver;
  readonly #sink: ComposedSink;
  readonly #options: ComposeOptions;
  readonly #writeBytes: number;
  /** First name of each inode that has several. */
  readonly #linked = new Map<number, Buffer>();
  #bytes = 0;
  #names = 0;

  constructor(resolver: ContentResolver, sink: ComposedSink, options: ComposeOptions) {
    this.#resolver = resolver;
    this.#sink = sink;
    this.#options = options;
    this.#writeBytes = options.protocol === 1 ? MAX_WRITE_V1 : MAX_WRITE_V2;
  }

  /** A folder's own properties follow what is in it: its times and flags would not last. */
  run(top: Inode): void {
    const open: { path: string; inode: Inode; rest: Iterator<[string, Inode]> }[] = [];
    const enter = (path: string, inode: Inode): void =>
      void open.push({ path, inode, rest: inode.children!.entries() });
    enter('', top);
    for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
      const next = at.rest.next();
      if (next.done === true) {
        open.pop();
        this.#properties(Buffer.from(at.path, 'latin1'), at.inode);
        continue;
      }
      const [name, inode] = next.value;
      const path = at.path === '' ? name : `${at.path}/${name}`;
      if (this.#make(path, inode) && inode.children !== undefined) enter(path, inode);
    }
  }

  /** False when it is left out. */
  #make(text: string, inode: Inode): boolean {
    this.#options.cancel.check();
    const path = Buffer.from(text, 'latin1');
    if (this.#options.isExcluded?.(path, inode.kind === 'directory') === true) return false;
    this.#names += 1;
    this.#options.onProgress?.(this.#bytes, this.#names, text);
    const first = this.#linked.get(inode.id);
    if (first !== undefined) {
      this.#sink.link(path, first);
      return true;
    }
    if (inode.links > 1 && inode.kind !== 'directory') this.#linked.set(inode.id, path);
    this.#create(path, inode);
    if (inode.kind === 'file' && !this.#content(text, path, inode)) {
      this.#linked.delete(inode.id);
      this.#sink.unlink(path);
      return false;
    }
    if (inode.kind !== 'directory') this.#properties(path, inode);
    return true;
  }

  #create(path: Buffer, inode: Inode): void {
    const { kind, number } = inode;
    switch (kind) {
      case 'file':
        return this.#sink.mkfile(path, number);
      case 'directory':
        return this.#sink.mkdir(path, number);
      case 'symlink':
        return this.#sink.symlink(path, number, inode.target!);
      case 'fifo':
        return this.#sink.mkfifo(path, number);
      case 'socket':
        return this.#sink.mksock(path, number);
      case 'block':
      case 'character':
        return this.#sink.mknod(path, number, KIND_MODE[kind] | inode.mode, inode.rdev);
    }
  }

  /** False when it cannot be read whole, and that is no error. */
  #content(text: string, path: Buffer, inode: Inode): boolean {
    // nodatacow takes effect on an empty file only.
    if (this.#options.protocol > 1 && inode.flags !== 0)
      this.#sink.fileattr(path, inode.flags & ~SEALS);
    const { clones } = this.#options;
    if (clones !== undefined && inode.isShared) {
      this.#shared(text, path, inode, clones);
      return true;
    }
    let end = 0;
    const damaged: DendroError[] = [];
    for (const { offset, data } of this.#chunks(text, inode, damaged)) {
      this.#options.cancel.check();
      for (let at = 0; at < data.length; at += this.#writeBytes) {
        this.#sink.write(path, offset + at, data.subarray(at, at + this.#writeBytes));
      }
      this.#bytes += data.length;
      end = offset + data.length;
    }
    if (damaged.length > 0) return false;
    if (end < inode.size) this.#sink.truncate(path, inode.size);
    return true;
  }

  #shared(
    text: string,
    path: Buffer,
    inode: Inode,
    { written, identity }: NonNullable<ComposeOptions['clones']>,
  ): void {
    const content = new SharedContent(this.#sink, path, written, identity, this.#writeBytes);
    const flags = this.#options.protocol > 1 ? inode.flags : 0;
    written.begin(path, (flags & (INODE_FLAG.nodatasum | INODE_FLAG.nodatacow)) === 0);
    let end = 0;
    for (const chunk of readNamedPlaced(text, inode.version, this.#resolver)) {
      this.#options.cancel.check();
      content.add(chunk);
      this.#bytes += chunk.data.length;
      end = chunk.offset + chunk.data.length;
    }
    content.end();
    if (end < inode.size) this.#sink.truncate(path, inode.size);
  }

  #chunks(text: string, inode: Inode, damaged: DendroError[]): Iterable<Chunk> {
    const { onDamage } = this.#options;
    const chunks = readNamed(text, inode.version, this.#resolver);
    if (onDamage === undefined) return chunks;
    return untilDamage(chunks, (error) => {
      damaged.push(error);
      onDamage(text, error);
    });
  }

  #properties(path: Buffer, inode: Inode): void {
    writeProperties(this.#sink, path, inode, this.#options.protocol);
  }
}

/** Immutable and append-only (BTRFS_INODE_*): they bar what is still to come. */
const SEALS = 0xc0;

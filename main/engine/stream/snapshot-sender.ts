import { InodeChange, InodeChanges } from '../diff/inode-changes.ts';
import type { InodeView } from '../diff/inode-item.ts';
import { Spans } from '../diff/spans.ts';
import { walkAll, walkChanges } from '../diff/walk.ts';
import { missingInode, type Subvolume } from '../tree/index.ts';
import { Cursor, type Node, type Volume } from '../volume/index.ts';
import { isInherited } from './attributes.ts';
import { Cloner, type CloneSource } from './cloner.ts';
import type { Bytes } from './command-sink.ts';
import { ContentWriter, type ContentOptions } from './content-writer.ts';
import { announceExtents, parentsOfChanged } from './announce.ts';
import type { DataSource } from './data-source.ts';
import { encodeDevice } from './device-number.ts';
import { Directories } from './directories.ts';
import { FileContent } from './file-content.ts';
import { InodeContent } from './inode-content.ts';
import { linkTarget } from './link-target.ts';
import { Namespace, TOP, withoutName, type Key, type Link } from './namespace.ts';
import type { Outgoing } from './outgoing.ts';
import { Puncher, type StreamIdentity } from './puncher.ts';
import { Seals } from './seals.ts';
import { Settler } from './settle.ts';
import { isRef, readLinks, TreeNames } from './tree-names.ts';
import { turnedInodes } from './turned-inodes.ts';
import { sentView, type InodeTree, type SentTree } from './visible-names.ts';

const TYPE = { fifo: 1, character: 2, directory: 4, block: 6, regular: 8, symlink: 10, socket: 12 };

/** Nested subvolumes that are told of: a folder may hold any number of them. */
const MOST_NESTED = 10_000;

/** What a snapshot holds that a stream does not carry. Counts. */
export interface SendOmissions {
  /** Ids of the subvolumes whose places it holds: of all, or of the new ones. At most `MOST_NESTED`. */
  nestedSubvolumes: Set<number>;
  /** Files with fs-verity; version 3 would carry it. */
  verityFiles: number;
  /** Item types in inodes that this engine does not know. */
  unknownItems: Set<number>;
}

export interface SenderParts {
  readonly source: Volume;
  readonly snapshot: Subvolume;
  /** The snapshot's tree. */
  readonly fresh: SentTree;
  readonly old: SentTree | undefined;
  readonly out: Outgoing;
  readonly data: DataSource;
  /** What data may be cloned from, besides this snapshot; the parent first if there is one. */
  readonly cloneSources: readonly CloneSource[];
  readonly self: StreamIdentity;
  readonly options: ContentOptions;
}

/** Sends one snapshot's inodes: the walk's changes, in ascending order, as commands. */
export class SnapshotSender {
  readonly names: Namespace;
  readonly omissions: SendOmissions = {
    nestedSubvolumes: new Set(),
    verityFiles: 0,
    unknownItems: new Set(),
  };
  readonly #parts: SenderParts;
  readonly #out: Outgoing;
  readonly #fresh: InodeTree;
  readonly #old: InodeTree | undefined;
  /** Nothing is left out, here and at the receiver. */
  readonly #isWhole: boolean;
  /** With what is left out. */
  readonly #freshRaw: TreeNames;
  readonly #oldRaw: TreeNames | undefined;
  readonly #settler: Settler;
  readonly #directories: Directories;
  readonly #content: InodeContent;
  readonly #spans: Spans;
  readonly #entered = new Set<number>();
  readonly #seals: Seals;
  /** The inode at whose turn the walk is. */
  #inode = 0;
  #item: InodeView | undefined;
  #change: InodeChange | undefined;
  #madeInode = 0;
  #madePath: Bytes = new Uint8Array(0);
  #madeMoves = 0;

  constructor(parts: SenderParts) {
    const { source, fresh, old, out, data, options } = parts;
    this.#parts = parts;
    this.#out = out;
    this.#isWhole = [fresh, old].every((tree) => (tree?.excludes.length ?? 0) === 0);
    this.#freshRaw = new TreeNames(source, fresh.root);
    this.#fresh = sentView(this.#freshRaw, fresh.excludes);
    this.#oldRaw = old === undefined ? undefined : new TreeNames(source, old.root);
    this.#old = old && sentView(this.#oldRaw!, old.excludes);
    this.names = new Namespace(this.#old, this.#fresh);
    this.#settler = new Settler(this.names, {
      enter: (directory, makes) => this.#enter(directory, makes),
      touch: (inode) => this.#seals.takeOff(inode),
      create: (inode, path) => this.#make(inode, path),
      rename: (from, to) => out.rename(from, to),
      link: (path, existing) => out.link(path, existing),
      unlink: (path) => out.unlink(path),
      rmdir: (path) => out.rmdir(path),
    });
    this.#directories = new Directories(
      out,
      {
        times: (inode) => this.#freshInode(inode).times,
        path: (inode) => this.#settler.path(inode),
      },
      options.protocol,
    );
    this.#seals = new Seals(options.protocol, {
      old: (inode) => this.#old?.inode(inode),
      fresh: (inode) => this.#freshInode(inode),
      survives: (inode) => this.names.survives(inode),
      path: (key) => this.#settler.path(key),
      setFlags: (path, flags) => out.fileattr(path, flags),
      setDirectoryFlags: (inode, flags) => this.#directories.setFlags(inode, flags),
    });
    const writer = new ContentWriter(out, data, options);
    const puncher = new Puncher(out, options, parts.self);
    const cloner = new Cloner(
      source,
      parts.cloneSources,
      old === undefined ? -1 : 0,
      { ...fresh, identity: parts.self, names: this.names },
      options.sectorSize,
    );
    const files = new FileContent(
      source,
      { old: old?.root, fresh: fresh.root },
      { out, writer, puncher, cloner },
      options,
    );
    const isFull = old === undefined;
    this.#content = new InodeContent(out, this.#directories, files, options.protocol, isFull);
    this.#spans = new Spans(source, fresh.root);
  }

  run(): void {
    const { source, fresh, old } = this.#parts;
    const turned = this.#turnedInodes();
    const changes = new InodeChanges(
      (change) => {
        while (turned.length > 0 && turned.at(-1)! < change.inode) this.#turn(turned.pop()!);
        if (turned.at(-1) === change.inode && turned.pop() !== undefined) change.hasNames = true;
        this.#handle(change);
      },
      (leaves) => this.#announce(leaves),
      (directory, nameHash) => this.#oldRaw?.lacks(directory, nameHash),
    );
    if (old === undefined) walkAll(source, fresh.root, changes);
    else walkChanges(source, old.root, fresh.root, changes);
    changes.finish();
    while (turned.length > 0) this.#turn(turned.pop()!);
    this.names.advance(Number.MAX_SAFE_INTEGER);
    this.#settler.removeDirectories();
    this.#seals.putOnAgain();
    this.#directories.finishBelow();
    this.#settler.unparkAll((directory) => {
      this.#directories.touch(directory);
      this.#directories.touch(TOP);
      if (directory !== TOP) this.#directories.finish(directory);
    });
    this.#directories.finish(TOP);
  }

  /** Leaves that the walk is about to tell: what they lead to is read many at a time. */
  #announce(leaves: readonly Node[]): void {
    const since = this.#parts.old?.root.generation ?? 0;
    announceExtents(this.#parts.data.ahead, leaves, since);
    if (this.#oldRaw === undefined) return;
    const parents = [...parentsOfChanged(leaves, since)];
    this.#freshRaw.expectLinks(parents);
    this.#oldRaw.expectLinks(parents);
  }

  #handle(change: InodeChange): void {
    const { inode } = change;
    const isWhole = this.#isWhole;
    const isFull = this.#old === undefined;
    const item =
      isWhole && (isFull || change.newItem !== undefined)
        ? change.newItem
        : this.#fresh.inode(inode);
    const before = (isWhole ? change.oldItem : undefined) ?? this.#old?.inode(inode);
    const isThere = item !== undefined && (item.links > 0 || inode === TOP);
    const wasThere = before !== undefined && (before.links > 0 || inode === TOP);
    const isSame =
      isThere &&
      wasThere &&
      (inode === TOP || this.names.isOne(inode, before.identity, item.identity));
    this.#inode = this.#out.inode = inode;
    this.#item = item;
    this.#change = change;
    if (this.#old !== undefined) this.names.note(inode, isSame);
    if (wasThere && !isSame) this.#settler.remove(inode);
    if (isThere && isSame) this.#update(before, item, change);
    else if (isThere)
      this.#create(item, this.#isKnownWhole(change, before) ? change : this.#gather(inode));
    if (isThere) this.#note(change);
    this.names.advance(inode);
    if (this.#old === undefined) this.#directories.passed(inode);
  }

  /** Whether the walk has told everything of the inode: nothing of that number was there before. */
  #isKnownWhole(change: InodeChange, before: InodeView | undefined): boolean {
    if (before !== undefined) return false;
    if (this.#isWhole) return true;
    return this.#oldRaw?.inode(change.inode) === undefined;
  }

  /** An inode that is the same in both trees, but is left out of one of them by its path. */
  #turn(inode: number): void {
    const change = new InodeChange();
    change.reset(inode);
    change.hasNames = true;
    this.#handle(change);
  }

  #turnedInodes(): number[] {
    const { source, fresh, old } = this.#parts;
    if (old === undefined || this.#isWhole) return [];
    return turnedInodes(source, old, fresh, { old: this.#old!, fresh: this.#fresh });
  }

  #create(item: InodeView, change: InodeChange): void {
    this.#change = change;
    if (change.inode !== TOP) this.#settler.settle(change.inode, this.#linksOf(change));
    // Nothing has moved since it was made there: its path still holds.
    const isKnown = this.#madeInode === change.inode && this.#madeMoves === this.names.moves;
    const path = isKnown ? this.#madePath : this.#settler.path(change.inode);
    this.#content.create(path, item, change);
  }

  #update(before: InodeView, item: InodeView, change: InodeChange): void {
    const { inode } = change;
    const path = this.#settler.anchor(inode, change.hasNames);
    const flags = this.#seals.handOver(inode, before);
    this.#content.update(path, before, item, change, flags, (isWanted) =>
      this.#fresh.xattrs(inode).find(({ name }) => isWanted(name)),
    );
  }

  /** The number is in use on both sides, by two inodes: items that look equal count, too. */
  #gather(inode: number): InodeChange {
    const changes = new InodeChanges(() => undefined);
    const cursor = new Cursor(this.#parts.source, this.#parts.fresh.root);
    for (cursor.seek(inode, 0, 0); cursor.valid && cursor.objectId === inode; cursor.next()) {
      changes.onlyNew(cursor.node, cursor.slot);
    }
    return changes.current;
  }

  /** From the walk's leaf where they all stand; looked up when they go on in the next one. */
  #linksOf(change: InodeChange): readonly Link[] {
    const { refNode: node, inode } = change;
    const links: Link[] = [];
    if (node === undefined || !this.#isWhole) return this.#fresh.links(inode);
    let slot = change.refSlot;
    while (slot < node.itemCount && node.objectId(slot) === inode && isRef(node.type(slot))) {
      readLinks(node, slot++, links);
    }
    return slot < node.itemCount ? links : this.#fresh.links(inode);
  }

  /** Called when the settling makes an inode: at its turn, or a directory ahead of it. */
  #make(inode: number, path: Bytes): void {
    const item = inode === this.#inode ? this.#item! : this.#freshInode(inode);
    const out = this.#out;
    this.#madeInode = inode;
    this.#madePath = path;
    this.#madeMoves = this.names.moves;
    switch (item.type) {
      case TYPE.regular:
        out.mkfile(path, inode);
        break;
      case TYPE.directory:
        out.mkdir(path, inode);
        this.names.remember(inode, path);
        break;
      case TYPE.symlink:
        out.symlink(path, inode, this.#target(inode, item.size));
        break;
      case TYPE.fifo:
        out.mkfifo(path, inode);
        break;
      case TYPE.socket:
        out.mksock(path, inode);
        break;
      default:
        out.mknod(path, inode, item.mode, encodeDevice(item.rdev));
    }
    if (this.#parts.options.protocol === 1) return;
    const parent = this.#fresh.links(inode)[0]?.parent;
    if (parent === undefined) throw withoutName(inode);
    const directory = this.names.survives(parent) ? this.#old!.inode(parent)!.flags : 0;
    const flags = this.#content.earlyFlags(item, directory);
    if (flags !== undefined) out.fileattr(path, flags);
  }

  /** @throws Corrupt `inode-missing`. */
  #freshInode(inode: number): InodeView {
    const item = this.#fresh.inode(inode);
    if (item !== undefined) return item;
    throw missingInode(inode, this.#parts.fresh.root.id);
  }

  #target(inode: number, size: number): Bytes {
    const spans = this.#spans;
    spans.begin(inode, this.#change?.extentNode, this.#change?.extentSlot);
    return linkTarget(spans, this.#parts.snapshot, inode, size);
  }

  /** Before a directory's names change. */
  #enter(directory: Key, makes: boolean): void {
    if (this.#old === undefined) return;
    this.#seals.takeOff(directory);
    if (directory < 0) return;
    this.#directories.touch(directory);
    if (!makes || !this.names.survives(directory) || this.#entered.has(directory)) return;
    this.#entered.add(directory);
    const final = this.#fresh.xattrs(directory);
    for (const { name } of this.#old.xattrs(directory)) {
      if (!isInherited(name)) continue;
      const same = final.find((other) => Buffer.compare(other.name, name) === 0);
      this.#directories.suspend(directory, name, same?.value);
    }
  }

  #note(change: InodeChange): void {
    const { nestedSubvolumes: nested } = this.omissions;
    for (const id of change.stubs) if (nested.size < MOST_NESTED) nested.add(id);
    if (change.hasVerity) this.omissions.verityFiles++;
    for (const type of change.unknown) this.omissions.unknownItems.add(type);
  }
}

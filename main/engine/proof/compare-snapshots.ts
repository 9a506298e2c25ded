import type { Subvolume } from '../tree/index.ts';
import { comparePaths } from './path-order.ts';
import { describeFolder } from './describe-folder.ts';
import { contentHash, describeSnapshot, type Described } from './describe-snapshot.ts';
import { compareChecksums, sameWhenRead } from './same-content.ts';

export interface ProofDifference {
  readonly path: Uint8Array;
  /** 'missing', 'extra', 'content', 'size' or a property's name. */
  readonly what: string;
}

export interface Proof {
  readonly isSame: boolean;
  readonly names: number;
  /** Files held against each other by the checksums of both filesystems, without reading them. */
  readonly filesByChecksums: number;
  /** Files read on both sides, or held against the record's hash. */
  readonly filesByContent: number;
  /** Files whose content the record leaves open: their properties were compared. */
  readonly filesOpen: number;
  /** The first of them; `differenceCount` is how many there are. */
  readonly differences: readonly ProofDifference[];
  readonly differenceCount: number;
}

export interface ProofHooks {
  readonly cancel?: { check(): void };
  readonly onProgress?: (names: number) => void;
}

const MAX_KEPT = 1000;

/** Walks two snapshots, on any volumes, in everything that a stream carries. */
export function compareSnapshots(
  source: Subvolume,
  target: Subvolume,
  hooks: ProofHooks = {},
): Proof {
  const proof = new ProofBuilder(hooks);
  walkBoth(describeSnapshot(source), describeSnapshot(target), proof, (left, right) => {
    if (left.inode === right.inode && source === target) return true;
    const both = [
      { subvolume: source, inode: left.inode },
      { subvolume: target, inode: right.inode },
    ] as const;
    const byChecksums = compareChecksums(...both);
    if (byChecksums === 'unknown') proof.filesByContent += 1;
    else proof.filesByChecksums += 1;
    return byChecksums === 'unknown' ? sameWhenRead(...both) : byChecksums === 'same';
  });
  return proof.result();
}

/** The same of a snapshot in a plain folder, with what its sidecar keeps. */
export function compareWithFolder(
  source: Subvolume,
  folder: string,
  hooks: ProofHooks = {},
): Proof {
  const proof = new ProofBuilder(hooks);
  const names = describeFolder(folder).values();
  walkBoth(describeSnapshot(source), names, proof, (left, right) => {
    proof.filesByContent += 1;
    return contentHash(source, left.inode) === right.hash;
  });
  return proof.result();
}

/** Both in the same order: depth first, by the bytes of each name. */
export function walkBoth<L extends Described, R extends Described>(
  lefts: Iterator<L>,
  rights: Iterator<R>,
  proof: ProofBuilder,
  hasSameContent: (left: L, right: R) => boolean,
): void {
  let [left, right] = [lefts.next(), rights.next()];
  while (left.done !== true || right.done !== true) {
    const order = compareOrder(left, right);
    if (order < 0) {
      proof.differs(left.value.path, 'missing');
      left = lefts.next();
    } else if (order > 0) {
      proof.differs(right.value.path, 'extra');
      right = rights.next();
    } else {
      proof.compare(left.value, right.value, hasSameContent);
      [left, right] = [lefts.next(), rights.next()];
    }
  }
}

function compareOrder(left: IteratorResult<Described>, right: IteratorResult<Described>): number {
  if (left.done === true) return 1;
  if (right.done === true) return -1;
  return comparePaths(left.value.path, right.value.path);
}

/** Counts, and keeps the first differences. */
export class ProofBuilder {
  filesByChecksums = 0;
  filesByContent = 0;
  filesOpen = 0;
  readonly #hooks: ProofHooks;
  readonly #differences: ProofDifference[] = [];
  #count = 0;
  #names = 0;

  constructor(hooks: ProofHooks) {
    this.#hooks = hooks;
  }

  differs(path: Uint8Array, what: string): void {
    this.#count += 1;
    if (this.#differences.length < MAX_KEPT) this.#differences.push({ path, what });
  }

  compare<L extends Described, R extends Described>(
    left: L,
    right: R,
    hasSameContent: (left: L, right: R) => boolean,
  ): void {
    this.#hooks.cancel?.check();
    this.#names += 1;
    if (this.#names % 1000 === 0) this.#hooks.onProgress?.(this.#names);
    const keys = new Set([...Object.keys(left.properties), ...Object.keys(right.properties)]);
    for (const key of keys) {
      if (left.properties[key] !== right.properties[key]) this.differs(left.path, key);
    }
    if (left.isFile !== right.isFile) return;
    if (left.size !== right.size) return this.differs(left.path, 'size');
    if (left.isFile && left.size > 0 && !hasSameContent(left, right)) {
      this.differs(left.path, 'content');
    }
  }

  result(): Proof {
    return {
      isSame: this.#count === 0,
      names: this.#names,
      filesByChecksums: this.filesByChecksums,
      filesByContent: this.filesByContent,
      filesOpen: this.filesOpen,
      differences: this.#differences,
      differenceCount: this.#count,
    };
  }
}

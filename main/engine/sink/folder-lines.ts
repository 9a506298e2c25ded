import type { Bytes } from '../stream/command-sink.ts';
import type { Range } from './data-ranges.ts';
import { isOneName } from './snapshot-name.ts';
import type { Entry, FolderMemory, LargeFile, Memo } from './folder-memory.ts';

/** Numbers for what several names share, the same as long as it is kept. */
export class InodeNumbers {
  readonly #numbers = new Map<Memo, number>();

  of(memo: Memo): number {
    const known = this.#numbers.get(memo);
    if (known !== undefined) return known;
    this.#numbers.set(memo, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

/** What is to be remembered of one name, as JSON has it; bytes are hexadecimal. */
export function toLine(path: Bytes, { real, memo }: Entry, inodes: InodeNumbers): object {
  const out: Record<string, unknown> = {
    path: Buffer.from(path).toString('hex'),
    real: real?.toString('hex'),
  };
  if (memo === undefined) return out;
  const { mode, uid, gid, times, flags, xattrs, absent, isCopied, large, holes } = memo;
  Object.assign(out, { inode: inodes.of(memo), mode, uid, gid, flags, isCopied });
  out['times'] = times?.toString('hex');
  if (xattrs !== undefined) {
    out['xattrs'] = [...xattrs].map(([name, value]) => [
      Buffer.from(name, 'latin1').toString('hex'),
      value.toString('hex'),
    ]);
  }
  if (absent?.kind === 'symlink') out['target'] = absent.target.toString('hex');
  if (absent?.kind === 'node') out['node'] = [absent.mode, absent.rdev];
  if (large !== undefined) out['large'] = [large.id, large.head, large.part, large.size];
  if (holes !== undefined) out['holes'] = holes.map(({ at, length }) => [at, length]);
  return out;
}

/** Takes a line in; what is known of its inode already is replaced. Throws on anything else. */
export function addLine(
  memory: FolderMemory,
  line: Readonly<Record<string, unknown>>,
  inodes: Map<number, Memo>,
): Entry {
  const path = Buffer.from(String(line['path']), 'hex');
  if (!isPathBelow(path)) throw new RangeError('path');
  const entry = memory.entry(path);
  delete entry.real;
  if (typeof line['real'] === 'string') {
    entry.real = Buffer.from(line['real'], 'hex');
    if (!isOneName(entry.real)) throw new RangeError('real');
    memory.hasRealNames = true;
  }
  if (typeof line['inode'] !== 'number') {
    delete entry.memo;
    return entry;
  }
  const known = inodes.get(line['inode']) ?? {};
  const { changed } = known;
  for (const key of Object.keys(known) as (keyof Memo)[]) delete known[key];
  entry.memo = Object.assign(known, toMemo(line), changed === undefined ? {} : { changed });
  inodes.set(line['inode'], entry.memo);
  return entry;
}

/** Whoever can write to the drive can write sidecars: no name may lead out of the folder. */
function isPathBelow(path: Buffer): boolean {
  if (path.length === 0) return true;
  const names = path.toString('latin1').split('/');
  return names.every((name) => isOneName(Buffer.from(name, 'latin1')));
}

function toMemo(line: Readonly<Record<string, unknown>>): Memo {
  const number = (key: string): number | undefined =>
    typeof line[key] === 'number' ? line[key] : undefined;
  const memo: Memo = { mode: number('mode'), uid: number('uid'), gid: number('gid') };
  memo.flags = number('flags');
  if (typeof line['times'] === 'string') memo.times = Buffer.from(line['times'], 'hex');
  if (line['isCopied'] === true) memo.isCopied = true;
  const pairs = line['xattrs'] as [string, string][] | undefined;
  if (pairs !== undefined) {
    memo.xattrs = new Map(
      pairs.map(([name, value]) => [
        Buffer.from(name, 'hex').toString('latin1'),
        Buffer.from(value, 'hex'),
      ]),
    );
  }
  if (typeof line['target'] === 'string') {
    memo.absent = { kind: 'symlink', target: Buffer.from(line['target'], 'hex') };
  }
  const node = line['node'] as [number, number] | undefined;
  if (node !== undefined) memo.absent = { kind: 'node', mode: node[0], rdev: node[1] };
  if (line['large'] !== undefined) memo.large = toLarge(line['large'] as number[]);
  if (line['holes'] !== undefined) memo.holes = toHoles(line['holes'] as [number, number][]);
  return memo;
}

function toLarge([id, head, part, size]: readonly number[]): LargeFile {
  const large = { id: id!, head: head!, part: part!, size: size! };
  const isSound = Object.values(large).every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!isSound || large.part === 0 || large.head > large.size) throw new RangeError('large');
  return large;
}

function toHoles(pairs: readonly (readonly [number, number])[]): readonly Range[] {
  let end = 0;
  return pairs.map(([at, length]) => {
    const isSound = Number.isSafeInteger(at + length) && at >= end && length > 0;
    if (!isSound) throw new RangeError('holes');
    end = at + length;
    return { at, length };
  });
}

import { Attributes } from './attributes.ts';
import type { Range } from './data-ranges.ts';
import type { LargeFile, Memo } from './memo.ts';

/** A memo as JSON has it: bytes are hexadecimal. */
export interface MemoFields {
  readonly mode?: number | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly flags?: number | undefined;
  readonly isCopied?: boolean | undefined;
  readonly times?: string | undefined;
  readonly xattrs?: readonly (readonly [name: string, value: string])[] | undefined;
  /** Of a symbolic link that is nowhere else. */
  readonly target?: string | undefined;
  /** Mode and device number of a node that is nowhere else. */
  readonly node?: readonly [number, number] | undefined;
  readonly large?: readonly [id: number, head: number, part: number, size: number] | undefined;
  readonly holes?: readonly (readonly [at: number, length: number])[] | undefined;
  readonly late?: number | undefined;
  readonly changed?: number | undefined;
}

/** All but what is of use to a run that is under way: `late` and `changed`. */
export function fieldsOf(memo: Memo): MemoFields {
  const xattrs = memo.xattrs && pairsOf(memo.xattrs);
  return { ...usualFieldsOf(memo), xattrs, ...otherFieldsOf(memo) };
}

/** As `fieldsOf`, without the attributes, of which there may be thousands. */
export function fewFieldsOf(memo: Memo): MemoFields {
  return { ...usualFieldsOf(memo), ...otherFieldsOf(memo) };
}

function usualFieldsOf({ mode, uid, gid, flags, isCopied, times }: Memo): MemoFields {
  return { mode, uid, gid, flags, isCopied, times };
}

function otherFieldsOf({ absent, large, holes }: Memo): MemoFields {
  return {
    target: absent?.kind === 'symlink' ? absent.target.toString('hex') : undefined,
    node: absent?.kind === 'node' ? [absent.mode, absent.rdev] : undefined,
    large: large && [large.id, large.head, large.part, large.size],
    holes: holes?.map(({ at, length }) => [at, length]),
  };
}

/** Attributes as JSON has them. */
export function pairsOf(xattrs: Iterable<readonly [string, Buffer]>): [string, string][] {
  return [...xattrs].map(([name, value]) => [hexName(name), value.toString('hex')]);
}

export function hexName(name: string): string {
  return Buffer.from(name, 'latin1').toString('hex');
}

export function attributesOf(pairs: readonly (readonly [string, string])[]): Attributes {
  return new Attributes(
    pairs.map(([name, value]) => [nameOf(name), Buffer.from(value, 'hex')] as const),
  );
}

function nameOf(hex: string): string {
  return Buffer.from(hex, 'hex').toString('latin1');
}

/** Of fields that may be anything. Throws where what is in them makes no sense. */
export function memoOf(fields: { readonly [K in keyof MemoFields]?: unknown }): Memo {
  const number = (key: keyof MemoFields): number | undefined =>
    typeof fields[key] === 'number' ? fields[key] : undefined;
  const memo: Memo = { mode: number('mode'), uid: number('uid'), gid: number('gid') };
  memo.flags = number('flags');
  memo.late = number('late');
  memo.changed = number('changed');
  if (typeof fields.times === 'string') memo.times = fields.times;
  if (fields.isCopied === true) memo.isCopied = true;
  const pairs = fields.xattrs as [string, string][] | undefined;
  if (pairs !== undefined) memo.xattrs = attributesOf(pairs);
  if (typeof fields.target === 'string') {
    memo.absent = { kind: 'symlink', target: Buffer.from(fields.target, 'hex') };
  }
  const node = fields.node as [number, number] | undefined;
  if (node !== undefined) memo.absent = { kind: 'node', mode: node[0], rdev: node[1] };
  if (fields.large !== undefined) memo.large = toLarge(fields.large as number[]);
  if (fields.holes !== undefined) memo.holes = toHoles(fields.holes as [number, number][]);
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

import { ByteReader, ByteWriter } from '../index/varint.ts';

/** What most inodes have nothing of. */
export interface Rare {
  readonly flags: number;
  readonly rdev: number;
  readonly target: Buffer | undefined;
  readonly xattrs: Map<string, Buffer> | undefined;
  readonly verity: Verity | undefined;
  readonly isIncomplete: boolean;
}

export interface Verity {
  readonly algorithm: number;
  readonly blockSize: number;
  readonly salt: Buffer;
  readonly signature: Buffer;
}

export const NOTHING_RARE: Rare = {
  ...{ flags: 0, rdev: 0, target: undefined, xattrs: undefined, verity: undefined },
  isIncomplete: false,
};

const FIRST_BYTES = 1024;
/** What a number takes at most. */
const NUMBER_BYTES = 8;

export function packRare(rare: Rare): Buffer {
  const out = new ByteWriter(FIRST_BYTES);
  const number = (value: number): void => {
    out.room(NUMBER_BYTES);
    out.number(value);
  };
  const data = (bytes: Uint8Array): void => {
    out.room(bytes.length + NUMBER_BYTES);
    out.data(bytes);
  };
  const { flags, rdev, target, xattrs, verity, isIncomplete } = rare;
  for (const value of [flags, rdev, isIncomplete ? 1 : 0]) number(value);
  number(target === undefined ? 0 : 1);
  if (target !== undefined) data(target);
  number(xattrs?.size ?? 0);
  for (const [name, value] of xattrs ?? []) {
    data(Buffer.from(name, 'latin1'));
    data(value);
  }
  number(verity === undefined ? 0 : 1);
  if (verity !== undefined) {
    for (const value of [verity.algorithm, verity.blockSize]) number(value);
    for (const bytes of [verity.salt, verity.signature]) data(bytes);
  }
  return out.bytes.subarray(0, out.at);
}

export function unpackRare(bytes: Buffer): Rare {
  const from = new ByteReader(bytes);
  const [flags, rdev, isIncomplete] = [from.number(), from.number(), from.number() === 1];
  const target = from.number() === 1 ? from.data() : undefined;
  const count = from.number();
  let xattrs: Map<string, Buffer> | undefined;
  for (let i = 0; i < count; i += 1) {
    const name = from.data().toString('latin1');
    (xattrs ??= new Map()).set(name, from.data());
  }
  const verity =
    from.number() === 1
      ? {
          ...{ algorithm: from.number(), blockSize: from.number() },
          ...{ salt: from.data(), signature: from.data() },
        }
      : undefined;
  return { flags, rdev, target, xattrs, verity, isIncomplete };
}

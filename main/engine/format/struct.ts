import { assert } from '../../../shared/errors.ts';
import { readU64, writeU64 } from './numbers.ts';

/** One field of a layout on disk: its size and how it is read and written, little-endian. */
export interface Field<T> {
  readonly size: number;
  read(view: DataView, at: number): T;
  write(view: DataView, at: number, value: T): void;
}

export const u8: Field<number> = {
  size: 1,
  read: (view, at) => view.getUint8(at),
  write: (view, at, value) => view.setUint8(at, value),
};
export const u16: Field<number> = {
  size: 2,
  read: (view, at) => view.getUint16(at, true),
  write: (view, at, value) => view.setUint16(at, value, true),
};
export const u32: Field<number> = {
  size: 4,
  read: (view, at) => view.getUint32(at, true),
  write: (view, at, value) => view.setUint32(at, value, true),
};
/** 64 bits as a number: `Corrupt` outside ±2^53; ids near 2^64 read as small negatives. */
export const u64: Field<number> = { size: 8, read: readU64, write: writeU64 };
/** 64 bits as a number that is only told, never gone by: one that is absurd must not end anything. */
export const told64: Field<number> = {
  size: 8,
  read: (view, at) => Math.min(Number(view.getBigUint64(at, true)), Number.MAX_SAFE_INTEGER),
  write: writeU64,
};
/** 64 bits whose every bit counts: flags, seconds. */
export const bits64: Field<bigint> = {
  size: 8,
  read: (view, at) => view.getBigUint64(at, true),
  write: (view, at, value) => view.setBigUint64(at, value, true),
};
/** Bytes, borrowed from the buffer they stand in. */
export const bytes = (size: number): Field<Uint8Array> => ({
  size,
  read: (view, at) => new Uint8Array(view.buffer, view.byteOffset + at, size),
  write: (view, at, value) =>
    new Uint8Array(view.buffer, view.byteOffset + at, size).set(value.subarray(0, size)),
});

type Fields = Readonly<Record<string, Field<unknown>>>;
type Value<F> = F extends { read(view: DataView, at: number): infer T } ? T : never;
export type Read<S> = S extends { read(view: DataView, at: number): infer T } ? T : never;

/** A packed layout: `at` holds each field's offset, for code that must not allocate. */
export interface Struct<F> {
  readonly name: string;
  readonly size: number;
  readonly at: { readonly [K in keyof F]: number };
  read(view: DataView, at: number): { readonly [K in keyof F]: Value<F[K]> };
  write(view: DataView, at: number, values: { readonly [K in keyof F]?: Value<F[K]> }): void;
}

/** Declares a packed layout once; the sizes of its fields must add up to `size`. */
export function struct<F extends Fields>(name: string, size: number, fields: F): Struct<F> {
  const entries = Object.entries(fields) as [keyof F & string, Field<unknown>][];
  const at = {} as Record<keyof F, number>;
  let end = 0;
  for (const [key, field] of entries) {
    at[key] = end;
    end += field.size;
  }
  assert(end === size, `layout ${name} is ${end} bytes, declared ${size}`);
  return {
    name,
    size,
    at,
    read(view, base) {
      const values = {} as Record<string, unknown>;
      for (const [key, field] of entries) values[key] = field.read(view, base + at[key]);
      return values as { readonly [K in keyof F]: Value<F[K]> };
    },
    write(view, base, values) {
      for (const [key, field] of entries) {
        if (values[key] !== undefined) field.write(view, base + at[key], values[key]);
      }
    },
  };
}

import { koffi, type NativeFunction } from './koffi.ts';

let kept = 0;

/** errno of the last call made through `keepingErrno` that failed. */
export function lastErrno(): number {
  return kept;
}

/**
 * `call`, of which `lastErrno` says why it failed. The engine of JavaScript makes system calls of its
 * own on this thread (to collect garbage, to compile), and they leave their errno behind: whoever
 * asked for it a function later was told EAGAIN for ENOENT, once in three million failed calls. It
 * does so where a function begins, so errno is read where the call is made, with no function between.
 * Written out by count: a rest parameter would be an array for each call.
 */
export function keepingErrno(call: NativeFunction, count: number): unknown {
  const { errno } = koffi();
  const invoke = call as unknown as (...args: readonly unknown[]) => number;
  switch (count) {
    case 1:
      return (a: unknown) => {
        const result = invoke(a);
        if (result < 0) kept = errno();
        return result;
      };
    case 2:
      return (a: unknown, b: unknown) => {
        const result = invoke(a, b);
        if (result < 0) kept = errno();
        return result;
      };
    case 3:
      return (a: unknown, b: unknown, c: unknown) => {
        const result = invoke(a, b, c);
        if (result < 0) kept = errno();
        return result;
      };
    case 4:
      return (a: unknown, b: unknown, c: unknown, d: unknown) => {
        const result = invoke(a, b, c, d);
        if (result < 0) kept = errno();
        return result;
      };
    case 5:
      return (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown) => {
        const result = invoke(a, b, c, d, e);
        if (result < 0) kept = errno();
        return result;
      };
    default:
      return (a: unknown, b: unknown, c: unknown, d: unknown, e: unknown, f: unknown) => {
        const result = invoke(a, b, c, d, e, f);
        if (result < 0) kept = errno();
        return result;
      };
  }
}

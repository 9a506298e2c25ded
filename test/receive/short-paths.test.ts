import { expect, test } from 'vitest';
import { ShortPaths, type MovingSink } from '../../main/engine/sink/short-paths.ts';

const LEVELS = 6000;
const SLOW_MS = 30_000;

/** Of what goes through, the longest path and where directories come to at the end. */
class Paths {
  longest = 0;
  readonly moves: string[] = [];
  readonly sink = new Proxy({} as MovingSink, {
    get:
      (_, name) =>
      (...args: unknown[]) => {
        const paths = args.filter((one) => one instanceof Uint8Array);
        if (name === 'utimes') paths.splice(1);
        this.longest = Math.max(this.longest, ...paths.map(({ length }) => length));
        if (name === 'rename') this.moves.push(paths.map((path) => path.length).join(' to '));
      },
  });
}

// Each folder above was looked up for each command, by its whole path: a tree of 1,500 levels took
// more than a minute, one of 12,000 had no end.
test(
  'a tree of thousands of levels is told in seconds, with short paths',
  { timeout: 240_000 },
  () => {
    const paths = new Paths();
    const short = new ShortPaths(paths.sink, () => false);
    const times = Buffer.alloc(48);
    const began = performance.now();
    let path = '';
    for (let level = 0; level < LEVELS; level += 1) {
      path += level === 0 ? 'dir' : '/dir';
      short.mkdir(Buffer.from(path), level);
      const file = Buffer.from(`${path}/file`);
      short.mkfile(file, LEVELS + level);
      for (let i = 0; i < 4; i += 1) short.write(file, i, times);
      short.utimes(file, times, false);
    }
    short.end();
    expect(paths.longest).toBeLessThan(2900);
    expect(paths.moves.length).toBe(8);
    expect(performance.now() - began).toBeLessThan(SLOW_MS);
  },
);

import * as fs from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { RoundTrip } from './round-trip.ts';

const excludes = ['*.tmp', 'cache/', '/top', '!keep.tmp', '/private/**', '# a comment', ''];

/** The same rules, by hand. */
function isLeftOut(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (path === 'top' || /^private\/./.test(path)) return true;
  if (name === 'cache') return true;
  return name.endsWith('.tmp') && name !== 'keep.tmp';
}

describeKernel('excludes at send time', () => {
  let trip: RoundTrip;
  beforeEach(() => {
    trip = new RoundTrip();
    fs.mkdirSync(`${trip.work}/a/cache/deep/er`, { recursive: true });
    fs.mkdirSync(`${trip.work}/private/inner`, { recursive: true });
    fs.mkdirSync(`${trip.work}/b/sub`, { recursive: true });
    for (const file of ['a/x.tmp', 'a/keep.tmp', 'a/cache/deep/er/f', 'b/sub/f', 'b/sub/y.tmp']) {
      fs.writeFileSync(`${trip.work}/${file}`, file);
    }
    fs.writeFileSync(`${trip.work}/top`, 'top');
    fs.writeFileSync(`${trip.work}/private/inner/f`, 'secret');
    fs.linkSync(`${trip.work}/a/keep.tmp`, `${trip.work}/b/link.tmp`);
    trip.snapshot('s0');
    trip.receive(trip.stream('s0', { excludes }));
  });
  afterEach(() => trip.close());

  function next(snapshot: string, parent: string): string[] {
    trip.snapshot(snapshot);
    trip.receive(trip.stream(snapshot, { parent, excludes }));
    // A file whose other name is left out has fewer links, and a directory no trace of it.
    return trip.differences(snapshot, ['flags', 'links'], isLeftOut);
  }

  test('leave out what matches, with all below it', () => {
    expect(trip.differences('s0', ['flags', 'links'], isLeftOut)).toEqual([]);
    const dump = trip.stream('s0', { excludes }).toString('latin1');
    expect(dump).not.toContain('x.tmp');
    expect(dump).not.toContain('secret');
  });

  test('hold in increments, also where a directory above is renamed into or out of them', () => {
    fs.renameSync(`${trip.work}/a/cache`, `${trip.work}/a/store`);
    fs.renameSync(`${trip.work}/b/sub`, `${trip.work}/b/cache`);
    fs.renameSync(`${trip.work}/private/inner`, `${trip.work}/public`);
    fs.writeFileSync(`${trip.work}/b/cache/f`, 'changed, but no longer wanted');
    expect(next('s1', 's0')).toEqual([]);
    fs.renameSync(`${trip.work}/a/store`, `${trip.work}/a/cache`);
    fs.renameSync(`${trip.work}/b/cache`, `${trip.work}/b/again`);
    fs.renameSync(`${trip.work}/top`, `${trip.work}/a/top`);
    fs.renameSync(`${trip.work}/a/keep.tmp`, `${trip.work}/a/gone.tmp`);
    fs.renameSync(`${trip.work}/public`, `${trip.work}/private/inner`);
    expect(next('s2', 's1')).toEqual([]);
    fs.rmSync(`${trip.work}/b`, { recursive: true });
    fs.renameSync(`${trip.work}/a/gone.tmp`, `${trip.work}/a/seen`);
    expect(next('s3', 's2')).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listSubvolumes, openSubvolume } from '../../main/engine/tree/index.ts';
import { openVolume, type Volume } from '../../main/engine/volume/index.ts';
import { describeSubvolume } from './describe-subvolume.ts';
import { fixtureNames, openFixture, type Fixture } from './fixtures.ts';

test('there are fixtures', () => expect(fixtureNames().length).toBeGreaterThan(0));

describe.each(fixtureNames())('%s', (name) => {
  let fixture: Fixture;
  let volume: Volume;
  beforeAll(() => {
    fixture = openFixture(name);
    volume = openVolume(fixture.images);
  });
  afterAll(() => {
    volume?.close();
    fixture?.close();
  });

  test('holds the subvolumes that the kernel showed', () => {
    const paths = listSubvolumes(volume).map(({ path }) => Buffer.from(path).toString());
    expect(paths.filter((path) => path !== '').sort()).toEqual(Object.keys(fixture.expected).sort());
  });

  test.each(['home', 'snapshots/home.1', 'snapshots/home.2'])('%s reads as the kernel read it', (path) => {
    const expected = fixture.expected[path]!;
    const found = describeSubvolume(openSubvolume(volume, Buffer.from(path)));
    expect(Object.keys(found)).toEqual(Object.keys(expected));
    const unlike = Object.keys(expected).filter(
      (entry) => JSON.stringify(sorted(found[entry]!)) !== JSON.stringify(sorted(expected[entry]!)),
    );
    expect(unlike.map((entry) => [entry, found[entry]])).toEqual(
      unlike.map((entry) => [entry, expected[entry]]),
    );
  });
});

function sorted(aspects: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(aspects).sort(([a], [b]) => (a < b ? -1 : 1));
}

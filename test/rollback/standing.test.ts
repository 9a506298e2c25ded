import { describe, expect, it } from 'vitest';
import { heirsOf } from '../../main/engine/rollback/standing.ts';

interface Given {
  readonly id: number;
  readonly path: string;
  readonly uuid: string;
  readonly parentUuid: string;
  readonly isReadOnly: boolean;
}

const of = (id: number, path: string, parent = 0, isReadOnly = false): Given => ({
  ...{ id, path, isReadOnly, uuid: `uuid ${id}` },
  parentUuid: parent === 0 ? '' : `uuid ${parent}`,
});
const old = of(1, '@home.old');
const point = of(2, '@home.old/.dendro/point', 1, true);
const all = (...more: Given[]): Given[] => [old, point, ...more];
const mounted =
  (...ids: number[]) =>
  ({ id }: Given): boolean =>
    ids.includes(id);

describe('what a person has put in the place of a subvolume', () => {
  it('is mounted, was made of a point of it, and that is not mounted', () => {
    const home = of(3, '@home', 2);
    expect(heirsOf(old, all(home), mounted(3))).toEqual([home]);
    expect(heirsOf(old, all(home), mounted(1, 3))).toEqual([]);
    expect(heirsOf(old, all(home), mounted())).toEqual([]);
  });

  it('may have been made of what took its place before, or of itself', () => {
    const second = of(3, '@home.second', 2);
    const later = of(4, '@home.second/.dendro/point', 3, true);
    const home = of(5, '@home', 4);
    expect(heirsOf(old, all(second, later, home), mounted(5))).toEqual([home]);
    expect(heirsOf(old, all(of(6, '@home', 1)), mounted(6))).toHaveLength(1);
  });

  it('is neither of another origin, nor read-only, nor a snapshot that was booted to do it', () => {
    const booted = of(3, 'timeshift-btrfs/snapshots/2026-11-30_10-00-01/@', 1);
    const others = [of(4, '@home'), of(5, 'looked-at', 2, true), of(6, 'of-a-lost-one', 99)];
    expect(heirsOf(old, all(booted, ...others), mounted(3, 4, 5, 6))).toEqual([]);
  });

  it('is looked for in damaged relations, too, which go in a circle', () => {
    const circle = [of(3, 'a', 4), of(4, 'b', 3)];
    expect(heirsOf(old, all(...circle), mounted(3))).toEqual([]);
  });
});

import { expect, test } from 'vitest';
import { continuedSources } from '../../main/service/points/continued-sources.ts';
import type { Subvolume } from '../../shared/model/subvolume.ts';

const subvolume = (path: string, uuid: string, more: Partial<Subvolume> = {}): Subvolume =>
  ({
    ...{ path, uuid, parentUuid: null, receivedUuid: null, readOnly: false, whole: true },
    ...more,
  }) as Subvolume;
const point = subvolume('.dendro/home.1', 'point', { parentUuid: 'first', readOnly: true });

/** Who goes on with whom, where `first` stood at "home" when it was last looked at. */
function followers(all: readonly Subvolume[], formerUuid: string | null = null): string[][] {
  const before = new Map([['home', { path: 'home', uuid: 'first', formerUuid }]]);
  const sourceOf = ({ uuid }: Subvolume): string | null => (uuid === 'point' ? 'first' : null);
  const { continued } = continuedSources(all, new Set(), before, sourceOf, () => false);
  return continued.map(({ now, formerUuid: former }) => [now.uuid!, former]);
}

test('what was made from a source, or from a point of it, goes on with it', () => {
  expect(followers([point, subvolume('home', 'new', { parentUuid: 'point' })])).toEqual([
    ['new', 'first'],
  ]);
  expect(followers([subvolume('home', 'new', { parentUuid: 'first' })])).toEqual([
    ['new', 'first'],
  ]);
  expect(followers([subvolume('home', 'older')], 'older')).toEqual([['older', 'first']]);
});

test('where the point that was gone back to is deleted before anybody looked, its name tells', () => {
  const now = subvolume('home', 'new', { parentUuid: 'deleted' });
  const first = subvolume('home.before-rollback-2026-11-01T10.00', 'first');
  expect(followers([now, first])).toEqual([['new', 'first']]);
  expect(followers([now, subvolume('home.by-hand', 'first')])).toEqual([]);
  expect(followers([subvolume('home', 'new'), first])).toEqual([]);
});

test('where nothing is known from before, the names tell what was put aside', () => {
  const aside = (path: string, uuid: string, parentUuid: string | null): Subvolume[] => [
    subvolume(path, uuid, { parentUuid }),
    subvolume(`.dendro/of-${uuid}`, `point-${uuid}`, { parentUuid: uuid, readOnly: true }),
  ];
  const first = aside('home.before-rollback-2026-11-01T10.00', 'first', null);
  const second = aside('home.before-rollback-2026-11-02T10.00-1', 'second', 'point-first');
  const now = subvolume('home', 'now', { parentUuid: 'point-second' });
  const all = [now, ...second, ...first];
  const look = (them: readonly Subvolume[], has: string): unknown => {
    const isOne = (uuid: string): boolean => uuid === has;
    const { seen } = continuedSources(them, new Set(), new Map(), () => null, isOne);
    return seen.flatMap(({ path, uuid, formerUuid }) =>
      path === 'home' ? [[uuid, formerUuid]] : [],
    );
  };
  const line = [
    ['first', null],
    ['second', 'first'],
    ['now', 'second'],
  ];
  expect(look(all, 'first')).toEqual(line);
  expect(look(all, 'second')).toEqual(line);
  expect(look(all, 'another')).toEqual([]);
  // The points that were gone back to may have been deleted since.
  const without = (...gone: string[]): Subvolume[] =>
    all.filter(({ uuid }) => !gone.includes(uuid!));
  expect(look(without('point-second'), 'first')).toEqual(line);
  expect(look(without('point-second', 'point-first'), 'first')).toEqual(line);
  const anew = subvolume('home', 'now');
  expect(look([anew, ...second, ...first], 'first')).toEqual([]);
  const copy = subvolume('a copy', 'copy', { parentUuid: 'point-second' });
  expect(look([copy, ...second, ...first], 'second')).toEqual([]);
});

test('what was begun anew does not, nor what was made from something else', () => {
  expect(followers([subvolume('home', 'new')])).toEqual([]);
  expect(followers([subvolume('home', 'new')], 'older')).toEqual([]);
  const other = subvolume('other', 'other-point', { parentUuid: 'other', readOnly: true });
  expect(followers([other, subvolume('home', 'new', { parentUuid: 'other-point' })])).toEqual([]);
});

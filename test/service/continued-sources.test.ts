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

test('what was begun anew does not, nor what was made from something else', () => {
  expect(followers([subvolume('home', 'new')])).toEqual([]);
  expect(followers([subvolume('home', 'new')], 'older')).toEqual([]);
  const other = subvolume('other', 'other-point', { parentUuid: 'other', readOnly: true });
  expect(followers([other, subvolume('home', 'new', { parentUuid: 'other-point' })])).toEqual([]);
});

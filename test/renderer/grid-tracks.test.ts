import { expect, test } from 'vitest';
import { tracksOf } from '../../renderer/parts/grid-tracks.ts';

const PANE_PX = 400;
const columns = [
  { id: 'name', track: 'minmax(0, 1fr)' },
  { id: 'state', track: '128px', fromPx: 480 },
  { id: 'size', track: '80px', fromPx: 600 },
  { id: 'took', track: '96px', fromPx: 700 },
  { id: 'kind', track: '144px', fromPx: 760 },
];

const idsAt = (wholePx: number, isOpen: boolean) => {
  const widthPx = isOpen ? wholePx - PANE_PX : wholePx;
  const { columns: shown, ...rest } = tracksOf(columns, widthPx, {
    wholePx,
    panePx: PANE_PX,
    isOpen,
  });
  return { ids: shown.map(({ id }) => id).join(' '), ...rest };
};

// Find and Activity had other columns, in other places, as soon as a row was chosen.
test('columns that stand beside the pane stand there before it comes', () => {
  const main = 'minmax(0, 1fr) 128px 80px';
  expect(idsAt(1_072, true)).toEqual({ ids: 'name state size', template: main, roomPx: 0 });
  expect(idsAt(1_072, false)).toEqual({
    ids: 'name state size took kind',
    // 96 + 144 and the rest are the 400 of the pane, with a gap before each.
    template: `${main} 96px 144px 112px`,
    roomPx: PANE_PX,
  });
});

test('what the pane will cover has as many of the others as fit', () => {
  expect(idsAt(816, true).ids).toBe('name');
  expect(idsAt(816, false)).toEqual({
    ids: 'name state size took',
    template: 'minmax(0, 1fr) 128px 80px 96px 32px',
    roomPx: PANE_PX,
  });
});

test('where all fit beside the pane its place stays free', () => {
  expect(idsAt(1_400, false)).toMatchObject({ ids: 'name state size took kind', roomPx: 400 });
  expect(idsAt(1_400, false).template).toBe(`${idsAt(1_400, true).template} 384px`);
});

test('a list without a pane has its whole width, also while that of both is not known', () => {
  const alone = tracksOf(columns, 650);
  expect(alone.template).toBe('minmax(0, 1fr) 128px 80px');
  const opening = tracksOf(columns, 1_072, { wholePx: 1_072, panePx: PANE_PX, isOpen: true });
  expect(opening.columns.map(({ id }) => id)).toEqual(['name', 'state', 'size']);
});

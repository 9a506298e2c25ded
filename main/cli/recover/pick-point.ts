import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { LookAround, PlacedPoint } from '../../places/recover/look-around.ts';

/** The point of this number in the list, or of this name. @throws Conflict */
export function pickPoint({ points, path }: LookAround, text: string): PlacedPoint {
  const number = /^\d+$/.test(text) ? Number(text) : 0;
  const named = points.filter(({ name }) => name === text || name.endsWith(`/${text}`));
  const exact = named.filter(({ name }) => name === text);
  const found = exact.length > 0 ? exact : named;
  const picked =
    found.length === 1 ? found[0] : found.length === 0 ? points[number - 1] : undefined;
  if (picked !== undefined) return usable(picked);
  if (found.length > 1) {
    throw conflict(
      'point-ambiguous',
      say`"${{ text: printable(text) }}" is the name of several points.`,
      {
        hint: 'Name it by its number in the list.',
      },
    );
  }
  throw conflict('point-not-found', say`There is no point "${{ text: printable(text) }}".`, {
    hint: say`List them with: dendro recover ${{ path: printable(path) }}`,
  });
}

function usable(point: PlacedPoint): PlacedPoint {
  if (point.isWhole) return point;
  const why = point.problem?.text ?? 'It is not whole.';
  throw conflict(
    'point-not-whole',
    say`"${{ name: printable(point.name) }}" cannot be restored: ${{ why }}`,
    {
      hint: 'Choose another point, or find what it builds on.',
    },
  );
}

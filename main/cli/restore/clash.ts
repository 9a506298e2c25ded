import { usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Clash } from '../../engine/restore/placements.ts';

const CLASHES: readonly Clash[] = ['keep-both', 'replace', 'skip'];

export const clashOption = {
  clash: {
    type: 'string',
    value: 'HOW',
    help: 'where a name is taken: keep-both, replace or skip',
  },
} as const;

/** @param text of `--clash`. @throws Usage 'bad-option' */
export function clashOf(text: string | undefined): Clash {
  const found = CLASHES.find((clash) => clash === (text ?? 'keep-both'));
  if (found !== undefined) return found;
  throw usage(
    'bad-option',
    say`--clash is keep-both, replace or skip, not "${{ text: printable(text!) }}".`,
  );
}

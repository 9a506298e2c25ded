import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';

export function sourceIsTarget(name: string): Error {
  return conflict(
    'source-is-target',
    say`A backup on ${{ name: printable(name) }} itself would be lost with it.`,
    {
      hint: 'Choose another drive; snapshots protect against mistakes on the same one.',
    },
  );
}

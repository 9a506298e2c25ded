import { conflict, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';

/** What is read was deleted meanwhile: its root item is not there any more. */
export function treeGone(tree: number, cause?: unknown): DendroError {
  return conflict('tree-gone', say`Tree ${{ tree }} was deleted meanwhile.`, {
    hint: 'Choose another snapshot.',
    place: { tree },
    cause,
  });
}

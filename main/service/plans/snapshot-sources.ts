import { conflict } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { PlanSource } from '../../../shared/model/plan.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { Subvolume, SubvolumeRef } from '../../../shared/model/subvolume.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import type { PlanRow } from '../../history/plans.ts';
import { makeSnapshot } from '../backup/make-snapshot.ts';
import type { Context } from '../context.ts';
import { membersOf, type Member } from './members.ts';

/** A subvolume of the plan and the snapshot that was made of it. */
export interface SnapshotMade {
  readonly source: SubvolumeRef;
  readonly snapshot: Subvolume;
}

/**
 * One run that takes a read-only snapshot of each subvolume of the plan, one right after the
 * other. What cannot be found is noted. The run fails where one cannot be taken (its volume is
 * read-only, or full); the others are taken all the same.
 */
export function startSnapshots(
  { planId, draft }: Pick<PlanRow, 'planId' | 'draft'>,
  context: Context,
  take: (made: SnapshotMade) => void,
): Run {
  return context.runs.start(
    {
      kind: 'snapshot',
      title: draft.name,
      steps: ['snapshot'],
      source: refOf(draft.sources[0]!),
      planId,
      commandLine: '',
    },
    async (run) => {
      run.step('snapshot');
      const { members, missing } = await membersOf(draft.sources, context);
      for (const source of missing) run.note(missingSentence(source));
      if (members.length === 0) throw nothingThere(draft.sources);
      const made = await snapshotAll(members, run.cancel, context, take);
      context.hub.emit('volumes.changed', {});
      const [first] = made;
      const result = { point: refOf(first!), parent: null, path: first!.mountedPath, commands: 0 };
      return { result, detail: made.map(({ path }) => printable(path)).join(', ') };
    },
  );
}

async function snapshotAll(
  members: readonly Member[],
  cancel: CancelToken,
  context: Context,
  take: (made: SnapshotMade) => void,
): Promise<Subvolume[]> {
  const all: Subvolume[] = [];
  let first: { readonly error: unknown } | undefined;
  for (const { known, subvolume } of members) {
    cancel.check();
    try {
      const snapshot = await makeSnapshot(known, subvolume, context);
      take({ source: refOf(subvolume), snapshot });
      all.push(snapshot);
    } catch (error) {
      first ??= { error };
    }
  }
  if (first) throw first.error;
  return all;
}

function refOf({ volumeId, subvolumeId }: SubvolumeRef): SubvolumeRef {
  return { volumeId, subvolumeId };
}

function missingSentence({ path, subvolumeId }: PlanSource): Note {
  const name =
    path === '' ? say`subvolume ${{ subvolumeId }}` : say`"${{ path: printable(path) }}"`;
  const text = `${name.text} is not there any more: it was left out. Its restore points stay.`;
  return noted('source-left-out', { text, values: name.values });
}

function nothingThere(sources: readonly PlanSource[]): Error {
  const names = sources.map(({ path, subvolumeId }) => printable(path) || `${subvolumeId}`);
  return conflict('source-vanished', say`Not there any more: ${{ names: names.join(', ') }}.`, {
    hint: 'Choose another source in the plan, or delete the plan. Restore points stay.',
  });
}

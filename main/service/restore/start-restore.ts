import { printable } from '../../../shared/model/bytes-text.ts';
import { counted, noted, say, type Note } from '../../../shared/said.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { RestoreSummary } from '../../engine/verbs/restore.ts';
import type { RunHandle, Work } from '../../runs/runs.ts';
import type { Context } from '../context.ts';
import { noteLosses } from '../note-losses.ts';
import { usingDrives } from '../using-drives.ts';
import { restoreRoute, type RestoreRequest, type RestoreRoute } from './restore-route.ts';
import { givingUp, isVolumeBack, throughPulls } from './through-pulls.ts';
import { restoreTitle } from '../../runs/titles.ts';

/** More damaged places than these are told as a number. */
const DAMAGES_SHOWN = 100;

/** Counts, then copies: the run goes on when this returns. */
export async function startRestore(request: RestoreRequest, context: Context): Promise<Run> {
  const { volumeId, subvolumeId } = request.point;
  return context.runs.start(
    {
      kind: 'restore',
      title: titleOf(request),
      steps: ['plan', 'copy'],
      source: { volumeId, subvolumeId, path: request.paths[0]! },
      commandLine: '',
      // What opens an archive is never kept.
      request: request.point.secrets ? undefined : { call: 'restore.start', input: request },
    },
    (run) => usingDrives([volumeId], context, () => restored(request, run, context)),
  );
}

async function restored(
  request: RestoreRequest,
  run: RunHandle,
  context: Context,
): ReturnType<Work> {
  run.step('plan');
  const route = await restoreRoute(request, context);
  run.typed(route.commandLine);
  const plan = await context.withEngine((engine) => route.plan(engine, { cancel: run.cancel }));
  run.plan(plan.bytes, plan.files);
  run.step(
    'copy',
    noted('files', say`${{ count: plan.files }} ${counted(plan.files, 'file', 'files')}`),
  );
  for (const { program, processId, path } of plan.holders) {
    run.note(
      noted(
        'open-in',
        say`${{ path: printable(path) }} is open in ${{ program }} (process ${{ processId }}), which goes on with what it has open: start it again to see what was restored.`,
      ),
    );
  }
  const summary = await copied(request, route, run, context);
  run.progress(summary.bytes, summary.files, '');
  noteRestored(summary, run);
  context.history.restores.record(run.runId, summary);
  context.hub.emit('volumes.changed', {});
  const path = summary.items[0]?.path ?? null;
  const result = { point: null, parent: null, path, commands: 0 };
  return { result, detail: detailOf(summary, route) };
}

function copied(
  request: RestoreRequest,
  first: RestoreRoute,
  run: RunHandle,
  context: Context,
): Promise<RestoreSummary> {
  let known: RestoreRoute | undefined = first;
  const attempt = async (): Promise<RestoreSummary> => {
    // A drive that was away may be mounted elsewhere now.
    const route = known ?? (await restoreRoute(request, context));
    known = undefined;
    return context.withEngine((engine) =>
      route.restore(engine, {
        cancel: run.cancel,
        onProgress: ({ bytes, files, current }) => run.progress(bytes, files, current),
      }),
    );
  };
  const paths = request.paths.map((path) => path.replace(/^\/+|\/+$/g, ''));
  return throughPulls(run, attempt, {
    isBack: () => isVolumeBack(request.point.volumeId, context),
    giveUp: givingUp({ folder: first.folder, paths }, context),
  });
}

/** What a person should know of a restore, in the notes of its run. */
export function noteRestored(summary: RestoreSummary, run: RunHandle): void {
  const { damages, damageCount, skipped } = summary;
  for (const { path, offset, lengthBytes, reason } of damages.slice(0, DAMAGES_SHOWN)) {
    const name = { path: printable(path) || '/' };
    const end = (offset ?? 0) + (lengthBytes ?? 0);
    const where = offset === null ? '' : say`, bytes ${{ offset }} to ${{ end }}`;
    run.note(
      noted('damaged-in-point', say`damaged in the restore point: ${name}${where}: ${{ reason }}`),
    );
  }
  if (damageCount > DAMAGES_SHOWN)
    run.note(
      noted('more-damaged', say`and ${{ count: damageCount - DAMAGES_SHOWN }} more damaged`),
    );
  if (skipped > 0)
    run.note(
      noted(
        'left-as-is',
        say`${{ count: skipped }} left as ${counted(skipped, 'it is', 'they are')}: something of the name is there.`,
      ),
    );
  for (const { path, kept } of summary.items.slice(0, DAMAGES_SHOWN)) {
    if (kept !== null)
      run.note(
        noted(
          'moved-aside',
          say`What was at ${{ path: printable(path) }} is now ${{ kept: printable(kept) }}.`,
        ),
      );
  }
  noteLosses(summary, run);
}

function detailOf({ files, damageCount }: RestoreSummary, { folder }: RestoreRoute): Note {
  return restoredTo(folder, files, damageCount);
}

/** The last word on a restore. */
export function restoredTo(folder: string, files: number, damageCount: number): Note {
  const damaged = damageCount === 0 ? '' : say`, ${{ damageCount }} damaged`;
  const count = counted(files, 'file', 'files');
  return noted(
    'restored-to',
    say`${{ count: files }} ${count} to ${{ folder: printable(folder) }}${damaged}`,
  );
}

function titleOf({ paths, destination }: RestoreRequest): Note {
  const names = paths.map((path) => path.slice(path.lastIndexOf('/') + 1));
  return restoreTitle(names[0] === '' ? [] : names, destination);
}

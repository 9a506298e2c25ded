import { conflict, corrupt } from '../../../shared/errors.ts';
import { counted, noted, say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { HealOutcome, HealReport } from '../../../shared/model/heal.ts';
import type { RunHandle } from '../../runs/runs.ts';
import { healPlaces, healSource } from '../places/heal-places.ts';
import { begin, noteFailures, PROBLEMS_NOTED } from './archive-job.ts';
import type { Handlers } from './index.ts';
import { andMore } from '../note-losses.ts';
import { damageIn, healTitle } from '../../runs/titles.ts';

type Names = 'heal.look' | 'heal.report' | 'heal.start' | 'heal.outcome';

export const healHandlers: Pick<Handlers, Names> = {
  'heal.look': async ({ source, places: named }, context) => {
    const healed = await healSource(source, context);
    const title = damageIn(healed.subvolume.path || healed.known.volume.name);
    const command = ['dendro', 'heal', '--dry-run', healed.mountedPath];
    const job = { kind: 'heal' as const, title, step: 'verify', command, source };
    return begin(context, job, async (run, carry) => {
      const places = await healPlaces(healed, named, context);
      const { subvolumeId } = source;
      const look = await carry('lookForDamage', {
        volume: healed.known.input,
        subvolumeId,
        places,
      });
      const report = { source, ...look };
      context.reports.keep(run.runId, { kind: 'heal-look', report, places });
      return { path: healed.mountedPath, detail: lookDetail(report, run) };
    });
  },

  'heal.report': async ({ runId }, { reports }) => reports.get(runId, 'heal-look').report,

  'heal.start': async ({ runId, paths }, context) => {
    const { report, places } = context.reports.get(runId, 'heal-look');
    const healed = await healSource(report.source, context);
    const wanted = report.files.filter(({ path, copies }) =>
      paths.length === 0 ? copies.some(({ goodBytes }) => goodBytes > 0) : paths.includes(path),
    );
    if (wanted.length === 0) throw nothingToHeal();
    const files = wanted.map(({ path }) => ({ path, places }));
    const title = healTitle(
      wanted.map(({ path }) => path),
      healed.subvolume.path || healed.known.volume.name,
    );
    const command = ['dendro', 'heal', healed.mountedPath, ...paths];
    const job = { kind: 'heal' as const, title, step: 'heal', command, source: report.source };
    return begin(context, job, async (run, carry) => {
      const outcome = await carry('healFiles', {
        volume: healed.known.input,
        subvolumeId: report.source.subvolumeId,
        mountedPath: healed.mountedPath,
        files,
      });
      context.reports.keep(run.runId, { kind: 'heal', report: outcome });
      return { path: healed.mountedPath, detail: healDetail(outcome, run) };
    });
  },

  'heal.outcome': async ({ runId }, { reports }) => reports.get(runId, 'heal').report,
};

function lookDetail(report: HealReport, run: RunHandle): Note {
  const { files, filesLeftOut, mirroredCount, treeProblem, placesFailed } = report;
  for (const { path, lostBytes, isHealable } of files.slice(0, PROBLEMS_NOTED)) {
    const found = isHealable ? 'all of it is in other points' : 'not all of it was found';
    run.note(
      noted(
        isHealable ? 'heal-found-all' : 'heal-found-part',
        say`${{ path: printable(path) }}: ${{ bytes: lostBytes }} bytes fail their checksum; ${found}.`,
      ),
    );
  }
  const more = files.length + filesLeftOut - PROBLEMS_NOTED;
  if (more > 0) run.note(andMore(more));
  if (mirroredCount > 0) {
    run.note(
      noted(
        'scrub-heals',
        say`Bad in one copy only, so that btrfs scrub start heals them: ${{ count: mirroredCount }} ${counted(mirroredCount, 'file', 'files')}.`,
      ),
    );
  }
  if (treeProblem !== null)
    run.note(noted('not-all-seen', say`Not all files were seen: ${{ reason: treeProblem }}`));
  for (const { name, reason } of placesFailed.slice(0, PROBLEMS_NOTED)) {
    run.note(
      noted(
        'place-not-looked',
        say`${{ name: printable(name) }} could not be looked into: ${{ reason }}`,
      ),
    );
  }
  const healable = files.filter(({ isHealable }) => isHealable).length;
  const count = files.length + filesLeftOut;
  return noted(
    'damaged-healable',
    say`${{ count }} damaged ${counted(count, 'file', 'files')}, ${{ healable }} can be healed`,
  );
}

/** @throws Corrupt 'not-all-healed' */
function healDetail({ files }: HealOutcome, run: RunHandle): Note {
  const bad = files.filter(({ state }) => state === 'partly' || state === 'failed');
  noteFailures(
    bad.flatMap(({ path, reason }) => (reason === null ? [] : [{ file: path, message: reason }])),
    run,
  );
  if (bad.length === 0) {
    const which = counted(files.length, 'file holds against its', 'files hold against their');
    return noted('hold', say`${{ count: files.length }} ${which} checksums`);
  }
  throw corrupt(
    'not-all-healed',
    say`${{ count: bad.length }} of ${{ total: files.length }} files could not be healed.`,
    {
      hint: 'The notes say why; all others are good now.',
    },
  );
}

function nothingToHeal(): Error {
  return conflict('nothing-to-heal', 'No place that is here holds what is lost.', {
    hint: 'Connect a drive that has a backup, and look again.',
  });
}

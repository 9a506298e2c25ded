import { tmpdir } from 'node:os';
import { corrupt, usage } from '../../../shared/errors.ts';
import { counted, noted, say } from '../../../shared/said.ts';
import type { CallName } from '../../../shared/contract/calls.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import { drillFailed } from '../../archive/verify/drill-failed.ts';
import { hardwareIn } from '../../linux/hardware.ts';
import { isOnBtrfs } from '../../linux/files.ts';
import { fromArchive } from '../../places/restore/from-archive.ts';
import { noteLosses } from '../note-losses.ts';
import { carryRestore } from '../places/place-restore.ts';
import { throughPulls } from '../restore/through-pulls.ts';
import {
  absolute,
  assertNoDamage,
  begin,
  noteFailures,
  PROBLEMS_NOTED,
  wroteArchive,
} from './archive-job.ts';
import type { archiveUpkeepHandlers } from './archive-upkeep.ts';
import type { Handlers } from './index.ts';
import { findSubvolume } from './snapshots.ts';
import { drillOf, restoreOf, toFolder } from '../../runs/titles.ts';

type Names = Exclude<Extract<CallName, `archive.${string}`>, keyof typeof archiveUpkeepHandlers>;

export const archiveHandlers: Pick<Handlers, Names> = {
  'archive.open': ({ folder }, { engine }) =>
    engine.run('listArchive', { folder: absolute(folder) }),

  'archive.directory': async (input, { engine }) => {
    const { entries, total, notes } = await engine.run('listArchiveFolder', {
      ...input,
      folder: absolute(input.folder),
    });
    return { entries, total, notes: [...notes] };
  },

  'archive.find': async (input, { engine }) => {
    const entries = await engine.run('findInArchive', { ...input, folder: absolute(input.folder) });
    return { entries };
  },

  'archive.preview': (input, { engine }) =>
    engine.run('previewArchiveFile', { ...input, folder: absolute(input.folder) }),

  'archive.versions': (input, { engine }) =>
    engine.run('archiveVersions', { ...input, folder: absolute(input.folder) }),

  'archive.compare': async ({ offset, limit, ...input }, { engine }) => {
    const changes = await engine.run('diffArchive', { ...input, folder: absolute(input.folder) });
    return { changes: changes.slice(offset, offset + limit), total: changes.length };
  },

  'archive.export': async ({ snapshot, recipients, passphrase, ...input }, context) => {
    const { known, subvolume } = await findSubvolume(snapshot, context);
    const isNew = recipients.length > 0 || passphrase !== undefined;
    const folder = absolute(input.folder);
    const verbInput = {
      ...{
        ...input,
        folder,
        volume: known.input,
        snapshotId: subvolume.subvolumeId,
        nowMs: context.nowMs(),
        hardware: hardwareIn(),
      },
      ...(isNew && { encryption: { recipients, passphrase } }),
    };
    const title = toFolder(subvolume.path, folder);
    const command = [
      'dendro',
      'archive',
      'export',
      folder,
      subvolume.mountedPath ?? subvolume.path,
    ];
    return begin(
      context,
      { kind: 'backup', title, step: 'export', command, source: snapshot },
      async (run, carry) => {
        const summary = await carry('exportArchive', verbInput);
        await wroteArchive(folder, context);
        run.progress(summary.dataBytes, summary.changedFiles, '');
        for (const note of summary.notes) run.note(note);
        const what =
          summary.parent === null
            ? noted('whole', 'in full')
            : noted(
                'changed-since',
                say`what changed since ${{ parent: printable(summary.parent) }}`,
              );
        const path = `${folder}/${summary.files[0]!}`;
        return { path, detail: summary.isNew ? what : noted('was-there', 'it was there already') };
      },
    );
  },

  'archive.restore': async (input, context) => {
    const folder = absolute(input.folder);
    const { point, secrets, plain } = input;
    const destination = absolute(input.destination);
    const base = { folder, point, ...(secrets && { secrets }), destination };
    const paths = input.paths.filter((path) => path !== '');
    const title = restoreOf(paths, point, input.destination);
    const command = [
      'dendro',
      'archive',
      'restore',
      folder,
      point,
      '--to',
      input.destination,
      ...(plain ? ['--plain'] : []),
      ...(input.clash === 'keep-both' ? [] : [`--clash=${input.clash}`]),
      ...paths,
    ];
    return begin(context, { kind: 'restore', title, step: 'copy', command }, async (run, carry) => {
      if (paths.length === 0 && !plain && isOnBtrfs(bytesFromText(destination))) {
        const attempt = () => carry('restoreArchiveSnapshot', base);
        const whole = await throughPulls(run, attempt);
        noteLosses(whole, run);
        return {
          path: whole.path,
          detail: noted(
            whole.kind === 'subvolume' ? 'as-subvolume' : 'as-folder',
            `as a ${whole.kind}`,
          ),
        };
      }
      const wanted = fromArchive({ ...base, paths, clash: input.clash });
      const again = () => Promise.resolve(wanted);
      const summary = await carryRestore(wanted, { run, carry, context }, { again });
      assertNoDamage(summary);
      return {
        path: summary.items[0]?.path ?? null,
        detail: noted(
          'files',
          say`${{ count: summary.files }} ${counted(summary.files, 'file', 'files')}`,
        ),
      };
    });
  },

  'archive.verify': async (input, context) => {
    const folder = absolute(input.folder);
    const option = input.level === 'quick' ? [] : [`--${input.level}`];
    const command = ['dendro', 'archive', 'verify', ...option, folder];
    return begin(
      context,
      { kind: 'verify', title: printable(folder), step: 'verify', command },
      async (run, carry) => {
        const { problems, points, wholePoints, notes } = await carry('verifyArchive', {
          ...input,
          folder,
        });
        for (const note of notes) run.note(note);
        noteFailures(problems, run);
        if (wholePoints < points) {
          throw corrupt(
            'archive-damaged',
            say`${{ damagedPoints: points - wholePoints }} of ${{ points }} restore points are not whole.`,
            {
              hint: 'The notes say which files are damaged; take them from another copy.',
            },
          );
        }
        return {
          path: folder,
          detail: noted(
            'points-whole',
            say`${{ count: points }} ${counted(points, 'restore point is', 'restore points are')} whole`,
          ),
        };
      },
    );
  },

  'archive.drill': async ({ scratch = tmpdir(), ...input }, context) => {
    const folder = absolute(input.folder);
    const command = ['dendro', 'archive', 'drill', folder, input.point];
    const title = drillOf(input.point, folder);
    return begin(context, { kind: 'verify', title, step: 'drill', command }, async (run, carry) => {
      const { receipt, notes } = await carry('drillArchive', {
        ...input,
        folder,
        scratch: absolute(scratch),
        nowMs: context.nowMs(),
      });
      for (const note of notes.slice(0, PROBLEMS_NOTED)) run.note(note);
      if (!receipt.passed) throw drillFailed(receipt);
      return {
        path: folder,
        detail: noted(
          'came-back',
          say`${{ count: receipt.files }} ${counted(receipt.files, 'file came back as it was', 'files came back as they were')} backed up`,
        ),
      };
    });
  },

  'archive.prune': async (input, context) => {
    const folder = absolute(input.folder);
    if ((input.keep === undefined) === (input.points === undefined)) {
      throw usage('bad-arguments', 'Say what to keep, or which points to remove.');
    }
    const command = ['dendro', 'archive', 'prune', folder];
    return begin(
      context,
      { kind: 'prune', title: printable(folder), step: 'delete', command },
      async (run, carry) => {
        const { removed, composed } = await carry('pruneArchive', {
          ...input,
          folder,
          nowMs: context.nowMs(),
        });
        await wroteArchive(folder, context);
        for (const name of removed)
          run.note(noted('removed', say`${{ name: printable(name) }} removed`));
        for (const name of composed)
          run.note(noted('made-full', say`${{ name: printable(name) }} made a full stream`));
        return {
          path: folder,
          detail: noted(
            'points-removed',
            say`${{ count: removed.length }} ${counted(removed.length, 'restore point', 'restore points')} removed`,
          ),
        };
      },
    );
  },
};

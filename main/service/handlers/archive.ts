import { tmpdir } from 'node:os';
import { conflict, corrupt, usage } from '../../../shared/errors.ts';
import type { CallName } from '../../../shared/contract/calls.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { VerbInput, VerbName, VerbOutput } from '../../engine/index.ts';
import type { RunHandle } from '../../runs/runs.ts';
import { shell } from '../command-line.ts';
import type { Context } from '../context.ts';
import { noteLosses } from '../note-losses.ts';
import type { Handlers } from './index.ts';
import { findSubvolume } from './snapshots.ts';

type Names = Extract<CallName, `archive.${string}`>;
/** More than these are told as a number. */
const PROBLEMS_NOTED = 20;

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
      },
      ...(isNew && { encryption: { recipients, passphrase } }),
    };
    const title = `${printable(subvolume.path)} to ${printable(folder)}`;
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
        run.progress(summary.dataBytes, summary.commands, '');
        for (const note of summary.notes) run.note(note);
        const what =
          summary.parent === null ? 'in full' : `what changed since ${printable(summary.parent)}`;
        const path = `${folder}/${summary.files[0]!}`;
        return { path, detail: summary.isNew ? what : 'it was there already' };
      },
    );
  },

  'archive.restore': async (input, context) => {
    const folder = absolute(input.folder);
    const { point, secrets, plain } = input;
    const base = {
      folder,
      point,
      ...(secrets && { secrets }),
      destination: absolute(input.destination),
    };
    const paths = input.paths.filter((path) => path !== '');
    const title = `${paths.length === 0 ? 'everything' : printable(paths[0]!)} of ${printable(point)} to ${printable(input.destination)}`;
    const command = [
      'dendro',
      'archive',
      'restore',
      folder,
      point,
      '--to',
      input.destination,
      ...paths,
    ];
    return begin(context, { kind: 'restore', title, step: 'copy', command }, async (run, carry) => {
      if (paths.length === 0) {
        const whole = await carry('restoreArchiveSnapshot', { ...base, plain });
        noteLosses(whole, run);
        return { path: whole.path, detail: `as a ${whole.kind}` };
      }
      const summary = await carry('restoreFromArchive', { ...base, paths });
      noteLosses(summary, run);
      const items = summary.items.map((item) => ({ ...item, kept: null }));
      context.history.restores.record(run.runId, { items, madeFolders: [] });
      return { path: summary.items[0]?.path ?? null, detail: `${summary.files} files` };
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
        for (const { file, message } of problems.slice(0, PROBLEMS_NOTED))
          run.note(`${printable(file)}: ${message}`);
        if (problems.length > PROBLEMS_NOTED)
          run.note(`and ${problems.length - PROBLEMS_NOTED} more`);
        if (wholePoints < points) {
          throw corrupt(
            'archive-damaged',
            `${points - wholePoints} of ${points} restore points are not whole.`,
            {
              hint: 'The notes say which files are damaged; take them from another copy.',
            },
          );
        }
        return { path: folder, detail: `${points} restore points are whole` };
      },
    );
  },

  'archive.drill': async ({ scratch = tmpdir(), ...input }, context) => {
    const folder = absolute(input.folder);
    const command = ['dendro', 'archive', 'drill', folder, input.point];
    const title = `restore drill: ${printable(input.point)} of ${printable(folder)}`;
    return begin(context, { kind: 'verify', title, step: 'drill', command }, async (run, carry) => {
      const receipt = await carry('drillArchive', {
        ...input,
        folder,
        scratch: absolute(scratch),
        nowMs: context.nowMs(),
      });
      for (const failure of receipt.failures.slice(0, PROBLEMS_NOTED)) run.note(failure);
      if (!receipt.passed) {
        throw corrupt(
          'drill-failed',
          `${receipt.failures.length} files were not what was backed up.`,
          {
            hint: 'Look which files of the archive are damaged: dendro archive verify --full',
          },
        );
      }
      return { path: folder, detail: `${receipt.files} files came back as they were backed up` };
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
        for (const name of removed) run.note(`${printable(name)} removed`);
        for (const name of composed) run.note(`${printable(name)} made a full stream`);
        return { path: folder, detail: `${removed.length} restore points removed` };
      },
    );
  },

  'archive.import': async (input, context) => {
    const folder = absolute(input.folder);
    const files = input.files.map(absolute);
    const command = ['dendro', 'archive', 'import', folder, ...files];
    const job = { kind: 'backup', title: printable(folder), step: 'import', command } as const;
    return begin(context, job, async (run, carry) => {
      const nowMs = context.nowMs();
      const { imported, failures, notes } = await carry('importStreams', {
        ...input,
        folder,
        files,
        nowMs,
      });
      for (const note of notes) run.note(note);
      noteFailures(failures, run);
      if (imported.length === 0 && failures.length > 0) throw nothingRead('import-failed');
      return { path: folder, detail: `${imported.length} restore points taken in` };
    });
  },

  'archive.purge': async (input, context) => {
    const folder = absolute(input.folder);
    const command = ['dendro', 'archive', 'purge', folder, input.pattern];
    const job = { kind: 'prune', title: printable(folder), step: 'compose', command } as const;
    return begin(context, job, async (run, carry) => {
      const nowMs = context.nowMs();
      const { rewritten, notes } = await carry('purgeArchive', { ...input, folder, nowMs });
      for (const note of notes) run.note(note);
      for (const name of rewritten) run.note(`${printable(name)} written anew`);
      return { path: folder, detail: `${rewritten.length} streams written anew` };
    });
  },

  'archive.syntheticFull': async (input, context) => {
    const folder = absolute(input.folder);
    const command = ['dendro', 'archive', 'synthetic-full', folder, input.point];
    const job = { kind: 'prune', title: printable(folder), step: 'compose', command } as const;
    return begin(context, job, async (run, carry) => {
      const nowMs = context.nowMs();
      const { name, notes } = await carry('syntheticFull', { ...input, folder, nowMs });
      for (const note of notes) run.note(note);
      return { path: folder, detail: `${printable(name)} is full` };
    });
  },

  'archive.rebuildIndex': async (input, context) => {
    const folder = absolute(input.folder);
    const command = ['dendro', 'archive', 'rebuild-index', folder];
    const job = { kind: 'verify', title: printable(folder), step: 'index', command } as const;
    return begin(context, job, async (run, carry) => {
      const nowMs = context.nowMs();
      const { rebuilt, adopted, failures, notes } = await carry('rebuildIndex', {
        ...input,
        folder,
        nowMs,
      });
      for (const note of notes) run.note(note);
      for (const name of adopted) run.note(`${printable(name)} taken in`);
      noteFailures(failures, run);
      const count = rebuilt.length + adopted.length;
      if (count === 0 && failures.length > 0) throw nothingRead('rebuild-failed');
      return { path: folder, detail: `${count} indexes made again` };
    });
  },
};

type Failures = readonly { readonly file: string; readonly message: string }[];

function noteFailures(failures: Failures, run: RunHandle): void {
  for (const { file, message } of failures.slice(0, PROBLEMS_NOTED))
    run.note(`${file}: ${message}`);
  if (failures.length > PROBLEMS_NOTED) run.note(`and ${failures.length - PROBLEMS_NOTED} more`);
}

function nothingRead(code: string): Error {
  return corrupt(code, 'None of the stream files could be read.', {
    hint: 'The notes say what is wrong with each of them.',
  });
}

interface Job {
  readonly kind: Run['kind'];
  readonly title: string;
  readonly step: string;
  /** Holds no secret. */
  readonly command: readonly string[];
  readonly source?: Run['source'];
}

type Carry = <N extends VerbName>(verb: N, input: VerbInput<N>) => Promise<VerbOutput<N>>;

/** Starts a run of one step that is carried out by verbs in an engine of its own. */
function begin(
  context: Context,
  { kind, title, step, command, source = null }: Job,
  work: (run: RunHandle, carry: Carry) => Promise<{ path: string | null; detail: string }>,
): Promise<{ runId: string }> {
  const spec = { kind, title, steps: [step], source, commandLine: shell([...command]) };
  const { runId } = context.runs.start(spec, async (run) => {
    run.step(step);
    const { path, detail } = await context.withEngine((engine) =>
      work(run, (verb, input) =>
        engine.run(verb, input, {
          cancel: run.cancel,
          onProgress: ({ bytes, files, current }) => run.progress(bytes, files, current),
        }),
      ),
    );
    return { result: { point: null, parent: null, path, commands: 0 }, detail };
  });
  return Promise.resolve({ runId });
}

/** @throws Conflict 'not-absolute' */
function absolute(path: string): string {
  if (path.startsWith('/')) return path;
  throw conflict('not-absolute', `"${printable(path)}" is not a full path.`, {
    hint: 'Name the folder from the top: /media/me/Drive/backups.',
  });
}

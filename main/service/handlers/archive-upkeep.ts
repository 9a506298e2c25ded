import { corrupt } from '../../../shared/errors.ts';
import { counted, noted, say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { absolute, begin, noteFailures, wroteArchive } from './archive-job.ts';
import type { Handlers } from './index.ts';

type Names = 'archive.import' | 'archive.purge' | 'archive.syntheticFull' | 'archive.rebuildIndex';

/** What changes an archive without its sources. */
export const archiveUpkeepHandlers: Pick<Handlers, Names> = {
  'archive.import': async (input, context) => {
    const folder = absolute(input.folder);
    const files = input.files.map(absolute);
    const command = ['dendro', 'archive', 'import', ...sourceOption(input), folder, ...files];
    const job = { kind: 'backup', title: printable(folder), step: 'import', command } as const;
    return begin(context, job, async (run, carry) => {
      const nowMs = context.nowMs();
      const { imported, failures, notes } = await carry('importStreams', {
        ...input,
        folder,
        files,
        nowMs,
      });
      await wroteArchive(folder, context);
      for (const note of notes) run.note(note);
      noteFailures(failures, run);
      if (imported.length === 0 && failures.length > 0) throw nothingRead('import-failed');
      return {
        path: folder,
        detail: noted(
          'points-taken-in',
          say`${{ count: imported.length }} ${counted(imported.length, 'restore point', 'restore points')} taken in`,
        ),
      };
    });
  },

  'archive.purge': async (input, context) => {
    const folder = absolute(input.folder);
    const command = ['dendro', 'archive', 'purge', ...sourceOption(input), folder, input.pattern];
    const job = { kind: 'prune', title: printable(folder), step: 'compose', command } as const;
    return begin(context, job, async (run, carry) => {
      const nowMs = context.nowMs();
      const { rewritten, notes } = await carry('purgeArchive', { ...input, folder, nowMs });
      for (const note of notes) run.note(note);
      await wroteArchive(folder, context);
      for (const name of rewritten)
        run.note(noted('written-anew', say`${{ name: printable(name) }} written anew`));
      return {
        path: folder,
        detail: noted(
          'streams-written-anew',
          say`${{ count: rewritten.length }} ${counted(rewritten.length, 'stream', 'streams')} written anew`,
        ),
      };
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
      return { path: folder, detail: noted('is-full', say`${{ name: printable(name) }} is full`) };
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
      await wroteArchive(folder, context);
      for (const note of notes) run.note(note);
      for (const name of adopted)
        run.note(noted('taken-in', say`${{ name: printable(name) }} taken in`));
      noteFailures(failures, run);
      const count = rebuilt.length + adopted.length;
      if (count === 0 && failures.length > 0) throw nothingRead('rebuild-failed');
      return {
        path: folder,
        detail: noted(
          'indexes-made',
          say`${{ count }} ${counted(count, 'index', 'indexes')} made again`,
        ),
      };
    });
  },
};

function sourceOption({ source }: { readonly source?: string | undefined }): string[] {
  return source === undefined ? [] : ['--source', source];
}

function nothingRead(code: string): Error {
  return corrupt(code, 'None of the stream files could be read.', {
    hint: 'The notes say what is wrong with each of them.',
  });
}

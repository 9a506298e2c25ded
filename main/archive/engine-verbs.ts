import type { VerbContext } from '../engine/context.ts';
import { whileWritten } from './folder/archive-gone.ts';
import type * as exporting from './export/export-archive.ts';
import type * as browsing from './verbs/browse.ts';
import type * as folders from './verbs/list-folder.ts';
import type * as snapshots from './restore/restore-snapshot.ts';
import type * as snapshotPlans from './restore/plan-snapshot.ts';
import type * as versions from './verbs/versions.ts';
import type * as diffing from './verbs/diff.ts';
import type * as pruning from './prune/prune-archive.ts';
import type * as purging from './prune/purge-archive.ts';
import type * as composing from './compose/synthetic-full.ts';
import type * as verifying from './verify/verify-archive.ts';
import type * as drilling from './verify/drill.ts';
import type * as importing from './import/import-streams.ts';
import type * as rebuilding from './import/rebuild-index.ts';
import type * as looking from './look/look-stream.ts';
import type * as commands from './look/stream-commands.ts';
import type * as unpacking from './look/unpack-stream.ts';
import type * as listing from './verbs/list-points.ts';

type InputOf<F> = F extends (input: infer I, ...rest: never[]) => unknown ? I : never;
type OutputOf<F> = F extends (...args: never[]) => infer O ? Promise<Awaited<O>> : never;
type Verb<F> = (input: InputOf<F>, context: VerbContext) => OutputOf<F>;

/**
 * The verbs of archives, for the engine's worker. They are asynchronous at their start (keys),
 * and what they need is loaded with the first of them.
 */
export const archiveVerbs = {
  exportArchive: (input, context) =>
    whileWritten(input.folder, async () =>
      (await import('./export/export-archive.ts')).exportArchive(input, context),
    ),
  listArchive: async (input) => (await import('./verbs/list-points.ts')).listArchive(input),
  listArchiveFolder: async (input, context) =>
    (await import('./verbs/list-folder.ts')).listArchiveFolder(input, context),
  findInArchive: async (input, context) =>
    (await import('./verbs/browse.ts')).findInArchive(input, context),
  previewArchiveFile: async (input, context) =>
    (await import('./verbs/browse.ts')).previewArchiveFile(input, context),
  archiveVersions: async (input, context) =>
    (await import('./verbs/versions.ts')).archiveVersions(input, context),
  diffArchive: async (input, context) =>
    (await import('./verbs/diff.ts')).diffArchive(input, context),
  restoreArchiveSnapshot: async (input, context) =>
    (await import('./restore/restore-snapshot.ts')).restoreArchiveSnapshot(input, context),
  planArchiveSnapshot: async (input) =>
    (await import('./restore/plan-snapshot.ts')).planArchiveSnapshot(input),
  pruneArchive: (input, context) =>
    whileWritten(input.folder, async () =>
      (await import('./prune/prune-archive.ts')).pruneArchive(input, context),
    ),
  purgeArchive: (input, context) =>
    whileWritten(input.folder, async () =>
      (await import('./prune/purge-archive.ts')).purgeArchive(input, context),
    ),
  syntheticFull: (input, context) =>
    whileWritten(input.folder, async () =>
      (await import('./compose/synthetic-full.ts')).syntheticFull(input, context),
    ),
  verifyArchive: async (input, context) =>
    (await import('./verify/verify-archive.ts')).verifyArchive(input, context),
  drillArchive: async (input, context) =>
    (await import('./verify/drill.ts')).drillArchive(input, context),
  importStreams: (input, context) =>
    whileWritten(input.folder, async () =>
      (await import('./import/import-streams.ts')).importStreams(input, context),
    ),
  rebuildIndex: (input, context) =>
    whileWritten(input.folder, async () =>
      (await import('./import/rebuild-index.ts')).rebuildIndex(input, context),
    ),
  lookStream: async (input, context) =>
    (await import('./look/look-stream.ts')).lookStream(input, context),
  listStreamFolder: async (input, context) =>
    (await import('./look/look-stream.ts')).listStreamFolder(input, context),
  listStreamCommands: async (input, context) =>
    (await import('./look/stream-commands.ts')).listStreamCommands(input, context),
  searchStreamCommands: async (input, context) =>
    (await import('./look/stream-commands.ts')).searchStreamCommands(input, context),
  unpackStream: async (input, context) =>
    (await import('./look/unpack-stream.ts')).unpackStream(input, context),
} satisfies {
  exportArchive: Verb<typeof exporting.exportArchive>;
  listArchive: Verb<typeof listing.listArchive>;
  listArchiveFolder: Verb<typeof folders.listArchiveFolder>;
  findInArchive: Verb<typeof browsing.findInArchive>;
  previewArchiveFile: Verb<typeof browsing.previewArchiveFile>;
  archiveVersions: Verb<typeof versions.archiveVersions>;
  diffArchive: Verb<typeof diffing.diffArchive>;
  restoreArchiveSnapshot: Verb<typeof snapshots.restoreArchiveSnapshot>;
  planArchiveSnapshot: Verb<typeof snapshotPlans.planArchiveSnapshot>;
  pruneArchive: Verb<typeof pruning.pruneArchive>;
  purgeArchive: Verb<typeof purging.purgeArchive>;
  syntheticFull: Verb<typeof composing.syntheticFull>;
  verifyArchive: Verb<typeof verifying.verifyArchive>;
  drillArchive: Verb<typeof drilling.drillArchive>;
  importStreams: Verb<typeof importing.importStreams>;
  rebuildIndex: Verb<typeof rebuilding.rebuildIndex>;
  lookStream: Verb<typeof looking.lookStream>;
  listStreamFolder: Verb<typeof looking.listStreamFolder>;
  listStreamCommands: Verb<typeof commands.listStreamCommands>;
  searchStreamCommands: Verb<typeof commands.searchStreamCommands>;
  unpackStream: Verb<typeof unpacking.unpackStream>;
};

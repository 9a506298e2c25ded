import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Limits = Readonly<Record<string, number>>;

/**
 * What is kept, read ahead, waited for or handed over at a time, and how little of it does as
 * well: nothing but time and memory may depend on these. A list and not a pattern, for each was
 * looked at: a limit of the format, or one that a test asks for, is none of them.
 */
export const TINY: Readonly<Record<string, Limits>> = {
  'main/archive/look/look-stream.ts': { MARK_EVERY: 2 },
  'main/archive/look/stream-bytes.ts': { SKIP_BYTES: 4096 },
  'main/archive/index/frame-spool.ts': { PAGES: 2 },
  'main/archive/read/frames.ts': { KEPT_LEAST: 1, KEPT_MOST: 1, KEPT_BYTES: 1 },
  'main/archive/tree/name-table.ts': { FIRST_SLOTS: 8 },
  'main/archive/tree/rare.ts': { FIRST_BYTES: 64 },
  'main/archive/tree/frame-order.ts': {
    ...{ FIRST_PIECES: 3, MOST_PIECES: 7, FRAMES_KEPT: 0, TIMES_EACH: 0 },
  },
  'main/archive/tree/resolve.ts': { MOST_HELD: 2 },
  'main/archive/tree/segment-memory.ts': { GROUP: 2 },
  'main/catalogue/compact.ts': { DELETE_ROWS: 2 },
  'main/cli/stream-threads/input-thread.ts': { THREAD_FROM_BYTES: 1, LARGE_COMMAND_BYTES: 1 },
  'main/cli/stream-threads/output-thread.ts': { THREAD_FROM_BYTES: 1, WAKE_SLOTS: 1 },
  'main/engine/device/file-device.ts': { PATIENCE_MS: 0 },
  'main/engine/diff/expectation.ts': { LEAVES_AHEAD: 2, PAIRS_AHEAD: 1, LEAVES_PLANNED: 2 },
  'main/engine/diff/trail.ts': { ROW: 1, NEAR_SLOTS: 1 },
  'main/engine/diff/walk.ts': { RUN_ITEMS: 2, PATIENCE: 1, NATIVE_FROM: 4 },
  'main/engine/inspect/find.ts': { AHEAD: 1 },
  'main/engine/proof/hash-book.ts': { CHUNK: 4, FIRST_SLOTS: 4 },
  'main/engine/proof/kept-records.ts': { FRAME_CHARACTERS: 100 },
  'main/engine/sink/clock-looks.ts': { COMMANDS: 1 },
  'main/engine/sink/clone-range.ts': { COPY_BYTES: 8192 },
  'main/engine/sink/confined-tree.ts': { MAX_KEPT: 3 },
  'main/engine/sink/file-lines.ts': { CHUNK_BYTES: 64 },
  'main/engine/sink/folder-content.ts': { COPY_BYTES: 8192 },
  'main/engine/sink/folder-journal.ts': { COMMANDS_BETWEEN_MARKS: 64 },
  'main/engine/sink/folder-memory.ts': { MOST_NAMES: 4 },
  'main/engine/sink/folder-paths.ts': { MOST_BYTES: 256 },
  'main/engine/sink/folder-sources.ts': { MOST_TREES: 1 },
  'main/engine/sink/inode-writer.ts': { BEHIND_BYTES: 65_536 },
  'main/engine/sink/names-file.ts': { CHUNK_BYTES: 512, USUAL_BYTES: 16 },
  'main/engine/sink/names-index.ts': { MOST_PAGES: 2, FIRST_SLOTS: 4 },
  'main/engine/sink/names-on-disk.ts': { MOST_NAMES: 4, MOST_FOLDERS: 2 },
  'main/engine/sink/open-inode.ts': { SHORT: 4 },
  'main/engine/spill/paged-memory.ts': { MOST_PAGES: 3 },
  'main/engine/spill/sorted-list.ts': { MOST_WAITING: 4, PAGES: 2, PIECE_BYTES: 512 },
  'main/engine/stream/clone-candidates.ts': {
    CACHED_EXTENTS: 1,
    MANY_PLACES: 2,
    FIRST_PLACES: 1,
    DEAR_EXTENTS: 2,
    AHEAD_EXTENTS: 2,
  },
  'main/engine/stream/crc.ts': { NATIVE_FROM: 0 },
  'main/engine/stream/data-windows.ts': { WINDOW: 393_216, AHEAD: 1 },
  'main/engine/stream/decode-buffer.ts': { FIRST_BYTES: 64 },
  'main/engine/stream/exclude.ts': { PATHS_PER_MATCHER: 2 },
  'main/engine/stream/extent-batch.ts': { MAX_GAP: 4096 },
  'main/engine/stream/extent-references.ts': { SURE_JUMPS: 1, FETCHED_EXTENTS: 2, MOST_KNOWN: 40 },
  'main/engine/stream/kept-times.ts': { FIRST: 2, MAX_KEPT: 4 },
  'main/engine/stream/lacking-names.ts': { MAX_COUNT: 4, FIRST_SLOTS: 4 },
  'main/engine/stream/namespace.ts': { SURVIVAL_CACHE: 4, MOST_WIDE_NAMES: 4 },
  'main/engine/stream/path-cache.ts': {
    MAX_PATHS: 4,
    MAX_BYTES: 8192,
    FIRST_BYTES: 64,
    FORGOTTEN_BYTES: 256,
  },
  'main/engine/stream/pieces.ts': { MAX_PIECES: 3 },
  'main/engine/stream/read-ahead.ts': { MAX_QUEUE: 2 },
  'main/engine/stream/visible-names.ts': { MAX_KNOWN: 4 },
  'main/engine/stream/wide-links.ts': { MANY_LINKS: 2 },
  'main/engine/verbs/list-below.ts': { ROUND: 4, HELD: 8, SMALL_ROUND: 2, EXPECTED: 2 },
  'main/engine/volume/blocks-ahead.ts': { GROUP: 2 },
  'main/engine/volume/nearby-data.ts': { ROW: 1 },
  'main/engine/volume/node-reader.ts': {
    WALK_READS: 2,
    FETCH_READS: 2,
    STEP_BLOCKS: 2,
    STEP_READS: 3,
    SURE_STEPS: 1,
    STEPPED: 1,
  },
  'main/engine/volume/run-window.ts': { FIRST_WINDOW: 1 },
  'main/engine/volume/volume.ts': { CACHE_BYTES: 65_536, BYTES_PER_TREE: 16_384 },
  'main/linux/async-reads.ts': { SUBMIT_READS: 1, FEW_READS: 1 },
  'main/linux/libc.ts': { MOST_ASIDE: 1 },
  'main/linux/pipes.ts': { PIPE_BYTES: 4096 },
};

/** The source of a file with other limits. @throws when one is not there by that name */
export function withLimits(top: string, path: string, limits: Limits): string {
  let source = readFileSync(join(top, path), 'utf8');
  for (const [name, value] of Object.entries(limits)) {
    const line = new RegExp(`^((?:export )?const ${name} = )[^;\\n]*;`, 'm');
    if (!line.test(source)) throw new Error(`${path} has no limit ${name} any more`);
    source = source.replace(line, `$1${value};`);
  }
  return source;
}

import { Random } from '../harness/random.ts';
import { TINY, type Limits } from './tiny.ts';

type Several = Readonly<Record<string, readonly number[]>>;

/**
 * Other sizes of the same limits, and of some that are not made tiny: odd ones, primes, and such
 * that lie beside what is usual. With each limit tiny some hide what others would show.
 */
const ODD: Readonly<Record<string, Several>> = {
  'main/archive/folder/file-hash.ts': { PIECE_BYTES: [4097] },
  'main/archive/import/subvolume-import.ts': { BUFFER_BYTES: [997] },
  'main/archive/import/unseal.ts': { AT_ONCE: [1, 3] },
  'main/archive/index/content-hasher.ts': { ONE_SHOT_BELOW: [1, 4097] },
  'main/archive/index/frame-spool.ts': { PAGES: [3, 7] },
  'main/archive/look/look-stream.ts': { MARK_EVERY: [3, 7, 13] },
  'main/archive/look/stream-bytes.ts': { SKIP_BYTES: [997, 12_289] },
  'main/archive/read/frames.ts': { KEPT_LEAST: [1, 3], KEPT_MOST: [3] },
  'main/archive/tree/read-content.ts': { MAX_CHUNK: [997, 4097] },
  'main/archive/tree/resolve.ts': { MOST_HELD: [7] },
  'main/archive/tree/segment-memory.ts': { GROUP: [4, 14] },
  'main/archive/write/frame-ring.ts': { SLOTS: [1, 2, 3] },
  'main/archive/write/pack-output.ts': { SYNC_BYTES: [4097], WRITEBACK_BYTES: [997] },
  'main/catalogue/compact.ts': { DELETE_ROWS: [3, 7] },
  'main/cli/stream-threads/slot-ring.ts': { SLOTS: [3, 5] },
  'main/engine/device/file-device.ts': { PATIENCE_MS: [0], BOUNCE_BYTES: [12_288] },
  'main/engine/diff/expectation.ts': {
    LEAVES_AHEAD: [3, 13],
    PAIRS_AHEAD: [3],
    LEAVES_PLANNED: [5, 13],
  },
  'main/engine/diff/trail.ts': { ROW: [2], NEAR_SLOTS: [2, 5] },
  'main/engine/diff/walk.ts': { RUN_ITEMS: [3, 7, 13], PATIENCE: [3], NATIVE_FROM: [13] },
  'main/engine/inspect/find.ts': { AHEAD: [3] },
  'main/engine/inspect/space-bill.ts': { EXTENTS_A_PASS: [7] },
  'main/engine/proof/hash-book.ts': { CHUNK: [3, 7] },
  'main/engine/proof/kept-records.ts': { FRAME_CHARACTERS: [997] },
  'main/engine/restore/earlier-run.ts': { PIECE_BYTES: [4096, 12_288] },
  'main/engine/sink/clock-looks.ts': { COMMANDS: [7] },
  'main/engine/sink/clone-range.ts': { COPY_BYTES: [4096, 12_288, 69_632] },
  'main/engine/sink/confined-tree.ts': { MAX_KEPT: [4, 7, 13] },
  'main/engine/sink/data-ranges.ts': { CHUNK: [4096, 12_288] },
  'main/engine/sink/file-lines.ts': { CHUNK_BYTES: [61, 4097] },
  'main/engine/sink/folder-content.ts': { COPY_BYTES: [4096, 12_288] },
  'main/engine/sink/folder-memory.ts': { MOST_NAMES: [3, 13] },
  'main/engine/sink/folder-paths.ts': { MOST_BYTES: [300, 1000] },
  'main/engine/sink/folder-restore.ts': { WRITE_BYTES: [4096, 12_288] },
  'main/engine/sink/folder-sources.ts': { MOST_TREES: [2, 3] },
  'main/engine/sink/inode-writer.ts': { BEHIND_BYTES: [12_288, 200_704] },
  'main/engine/sink/names-file.ts': { CHUNK_BYTES: [528, 4112], USUAL_BYTES: [20, 48] },
  'main/engine/sink/names-index.ts': { MOST_PAGES: [3, 7] },
  'main/engine/sink/names-on-disk.ts': { MOST_NAMES: [3, 13], MOST_FOLDERS: [3, 7] },
  'main/engine/sink/open-inode.ts': { SHORT: [7, 13] },
  'main/engine/spill/paged-memory.ts': { MOST_PAGES: [7, 13] },
  'main/engine/spill/sorted-list.ts': { MOST_WAITING: [3, 7], PAGES: [3], PIECE_BYTES: [61] },
  'main/engine/stream/clone-candidates.ts': {
    CACHED_EXTENTS: [3, 7],
    MANY_PLACES: [0, 3],
    FIRST_PLACES: [0, 2, 3],
    DEAR_EXTENTS: [1, 7],
    AHEAD_EXTENTS: [3, 7],
  },
  'main/engine/stream/data-windows.ts': { WINDOW: [786_432], AHEAD: [2, 5] },
  'main/engine/stream/exclude.ts': { PATHS_PER_MATCHER: [3, 7] },
  'main/engine/stream/extent-batch.ts': { MAX_GAP: [0, 12_288], MAX_RUN: [135_168, 266_240] },
  'main/engine/stream/extent-places.ts': {
    FETCHED_LEAVES: [1, 3],
    MOST_LEAVES: [1, 3],
    MOST_INDEXED: [1, 3],
  },
  'main/engine/stream/extent-references.ts': {
    SURE_JUMPS: [2],
    FETCHED_EXTENTS: [3, 7],
    MOST_KNOWN: [30, 100],
  },
  'main/engine/stream/kept-times.ts': { FIRST: [3], MAX_KEPT: [7, 13] },
  'main/engine/stream/lacking-names.ts': { MAX_COUNT: [3, 13] },
  'main/engine/stream/namespace.ts': { SURVIVAL_CACHE: [3, 7], MOST_WIDE_NAMES: [3, 13] },
  'main/engine/stream/outgoing.ts': { COMMANDS_PER_LOOK: [7] },
  'main/engine/stream/path-cache.ts': { MAX_PATHS: [3, 7, 13], MAX_BYTES: [5000, 20_001] },
  'main/engine/stream/pieces.ts': { MAX_PIECES: [2, 7], MAX_BYTES: [12_288, 200_704] },
  'main/engine/stream/read-ahead.ts': { MAX_QUEUE: [3, 7, 13] },
  'main/engine/stream/visible-names.ts': { MAX_KNOWN: [3, 7] },
  'main/engine/stream/wide-links.ts': { MANY_LINKS: [3, 5] },
  'main/engine/tree/file-reader.ts': { SMALL_BYTES: [0, 12_288] },
  'main/engine/tree/read-ahead.ts': { CHUNK_BYTES: [12_288], DEPTH: [1, 3] },
  'main/engine/tree/read-file.ts': { CHUNK_BYTES: [12_288] },
  'main/engine/verbs/list-below.ts': {
    ROUND: [3, 7],
    HELD: [13],
    SMALL_ROUND: [3],
    EXPECTED: [3, 7],
  },
  'main/engine/verbs/list-directory.ts': { SORTED_KEPT: [1, 2] },
  'main/engine/volume/blocks-ahead.ts': { GROUP: [3, 7], GAP_BLOCKS: [0, 5] },
  'main/engine/volume/nearby-data.ts': { ROW: [1, 3], WINDOW_BYTES: [69_632, 200_704] },
  'main/engine/volume/node-reader.ts': {
    WALK_READS: [3, 7],
    FETCH_READS: [3, 6],
    STEP_BLOCKS: [3, 5],
    STEP_READS: [7, 13],
    SURE_STEPS: [2],
    STEPPED: [2, 3],
  },
  'main/engine/volume/run-window.ts': { FIRST_WINDOW: [3] },
  'main/engine/volume/volume.ts': { CACHE_BYTES: [200_001], BYTES_PER_TREE: [70_000] },
  'main/linux/async-reads.ts': { SLOTS: [1, 7, 61], SUBMIT_READS: [3, 7], FEW_READS: [3] },
  'main/linux/libc.ts': { MOST_ASIDE: [2, 3] },
  'main/linux/pipes.ts': { PIPE_BYTES: [16_384] },
  'main/places/folder-node.ts': { READ_BYTES: [997, 4097] },
};

/** Each limit as it is, tiny, or odd: by chance, and the same for the same seed. */
export function oddLimits(seed: number): Record<string, Limits> {
  const random = new Random(seed);
  const chosen: Record<string, Record<string, number>> = {};
  const paths = new Set([...Object.keys(TINY), ...Object.keys(ODD)]);
  for (const path of [...paths].sort()) {
    const [tiny, odd] = [TINY[path] ?? {}, ODD[path] ?? {}];
    for (const name of new Set([...Object.keys(tiny), ...Object.keys(odd)])) {
      const values = [...(tiny[name] === undefined ? [] : [tiny[name]]), ...(odd[name] ?? [])];
      if (random.chance(0.6)) (chosen[path] ??= {})[name] = random.pick(values);
    }
  }
  const reader = chosen['main/engine/volume/node-reader.ts'];
  // A step is one read at least.
  if (reader?.STEP_READS !== undefined) reader.STEP_BLOCKS = 2;
  return chosen;
}

/** Every limit that there is here, with its first odd size. */
export function firstOddLimits(): Record<string, Limits> {
  const first = Object.entries(ODD).map(([path, limits]) => [
    path,
    Object.fromEntries(Object.entries(limits).map(([name, [value]]) => [name, value!])),
  ]);
  return Object.fromEntries(first) as Record<string, Limits>;
}

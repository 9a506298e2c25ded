import { z } from 'zod';
import { Count, Id, Page, PathText } from '../model/basics.ts';
import { StreamCommand, StreamCommandName, StreamEntry, StreamLook } from '../model/stream.ts';

const started = z.object({ runId: Id });
const ofLook = z.object({ runId: Id });
const paths = z.array(PathText).min(1).max(1_000);

/** Part of THE table (`calls.ts`): files of send streams, plain or packed, of whatever made them. */
export const streamCalls = {
  /** Reads a stream file, or its parts in order, to its end; the run is cancelled like any other. */
  'stream.look': { input: z.object({ paths }), output: started },
  /** Of a look that has ended; a damaged stream has one as well, up to where it is damaged. */
  'stream.found': { input: ofLook, output: StreamLook },
  /** In the order of the stream. */
  'stream.commands': { input: ofLook.extend(Page.shape), output: z.array(StreamCommand) },
  /**
   * Commands from `after` on that are of these kinds (none: of any) and have the text in a path
   * (no case). `next` is where to look on; null: the end was reached.
   */
  'stream.search': {
    input: ofLook.extend({
      names: z.array(StreamCommandName).max(26).default([]),
      text: z.string().max(255).default(''),
      after: Count.default(0),
      limit: z.int().min(1).max(5_000).default(1_000),
    }),
    output: z.object({ commands: z.array(StreamCommand), next: Count.nullable() }),
  },
  /** What the stream does below a folder of its n-th subvolume; directories first, then by name. */
  'stream.directory': {
    input: ofLook.extend({ subvolume: Count.default(0), path: PathText }).extend(Page.shape),
    output: z.object({ entries: z.array(StreamEntry), total: Count }),
  },
  /** Makes folders of plain files, or with `asSnapshot` snapshots on a btrfs, out of a stream. */
  'stream.unpack': {
    input: z.object({ paths, folder: PathText, asSnapshot: z.boolean().default(false) }),
    output: started,
  },
} as const;

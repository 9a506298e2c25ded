import { z } from 'zod';
import { ArchivePointRef } from './archive.ts';
import { PathText } from './basics.ts';
import { SubvolumeRef } from './subvolume.ts';

/**
 * A state of files, wherever it lies: what can be listed, read, compared and restored from.
 *
 * - snapshot: a subvolume of a volume, mounted or not;
 * - archive: a restore point among stream files;
 * - folder: a plain folder, with what `receive --plain` kept beside it where it made it.
 */
export const PointPlace = z.discriminatedUnion('kind', [
  SubvolumeRef.extend({ kind: z.literal('snapshot') }),
  ArchivePointRef.extend({ kind: z.literal('archive') }),
  z.object({ kind: z.literal('folder'), folder: PathText }),
]);
export type PointPlace = z.infer<typeof PointPlace>;

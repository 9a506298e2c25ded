import { z } from 'zod';
import { ArchivePointRef, ArchiveSecrets } from './archive.ts';
import { PathText } from './basics.ts';
import { SubvolumeRef } from './subvolume.ts';

/**
 * A copy of a restore point as points name it: a subvolume of a volume, or a point of an archive
 * (`volumeId` is then that of its place). With what opens an encrypted archive, never kept.
 */
export const CopyRef = SubvolumeRef.extend({ secrets: ArchiveSecrets.optional() });
export type CopyRef = z.infer<typeof CopyRef>;

/**
 * A state of files, wherever it lies: what can be listed, read, compared and restored from.
 *
 * - snapshot: a subvolume of a volume, mounted or not, or any other copy that a point names;
 * - archive: a restore point among stream files;
 * - folder: a plain folder, with what `receive --plain` kept beside it where it made it.
 */
export const PointPlace = z.discriminatedUnion('kind', [
  CopyRef.extend({ kind: z.literal('snapshot') }),
  ArchivePointRef.extend({ kind: z.literal('archive') }),
  z.object({ kind: z.literal('folder'), folder: PathText }),
]);
export type PointPlace = z.infer<typeof PointPlace>;

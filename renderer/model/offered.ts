import type { Drive } from '../../shared/model/drive.ts';

/**
 * Whether to offer that something is done with a drive. Other partitions of the disk that the
 * system runs from (another system's, the firmware's) are left alone, and a backup there is none
 * when the disk dies; but what a person gave to Dendro is theirs to use.
 */
export function isOffered({ known, onSystemDisk }: Drive): boolean {
  return known || !onSystemDisk;
}

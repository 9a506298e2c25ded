import { DendroError } from '../../../shared/errors.ts';
import type { VerbContext } from '../context.ts';
import { openDevice, type Device } from '../device/index.ts';
import { readSuperblock } from '../volume/superblock.ts';
import { uuidText } from './uuid-text.ts';

export interface ProbedDevice {
  readonly path: string;
  readonly fsid: string;
  readonly label: string;
}

/** Which of the devices hold btrfs: reads one block of each, skips what cannot be read. */
export function probeDevices(
  { paths }: { readonly paths: readonly string[] },
  { cancel }: VerbContext,
): ProbedDevice[] {
  return paths.flatMap((path) => {
    cancel.check();
    return probe(path) ?? [];
  });
}

function probe(path: string): ProbedDevice | undefined {
  let device: Device | undefined;
  try {
    device = openDevice(path);
    const { superblock } = readSuperblock(device, 1);
    return { path, fsid: uuidText(superblock.fsid)!, label: superblock.label };
  } catch (error) {
    if (error instanceof DendroError) return undefined;
    throw error;
  } finally {
    device?.close();
  }
}

import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const ROOT = '/sys/class/block';
/** Layers of LUKS, LVM and RAID on each other. */
const MOST_LAYERS = 8;

/**
 * The names of the disks that a block device lies on: of a partition its disk, of a mapped
 * device (LUKS, LVM, RAID) those below it. Two devices on one disk slow each other down.
 */
export function physicalDisks(devicePath: string, root = ROOT): string[] {
  const name = basename(resolved(devicePath));
  return [...new Set(below(name, root, MOST_LAYERS))];
}

function below(name: string, root: string, layers: number): string[] {
  const folder = join(root, name);
  const slaves = layers > 0 ? namesIn(join(folder, 'slaves')) : [];
  if (slaves.length > 0) return slaves.flatMap((slave) => below(slave, root, layers - 1));
  if (!existsSync(join(folder, 'partition'))) return [name];
  return below(basename(dirname(resolved(folder))), root, layers - 1);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

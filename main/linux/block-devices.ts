import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';

const SECTOR_BYTES = 512;

/** A disk, partition or loop device that the kernel knows (sysfs-block). */
export interface BlockDevice {
  readonly path: string;
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  /** It can be taken out, or hangs on USB. */
  readonly removable: boolean;
  /** What its maker calls it, or ''. */
  readonly model: string;
  /** The file behind a loop device, or null. */
  readonly backingFile: string | null;
}

/** All that can hold data now: free loop devices and empty card readers are left out. */
export function blockDevices(root = '/sys/class/block'): BlockDevice[] {
  return readdirSync(root)
    .sort()
    .flatMap((name) => describe(root, name) ?? []);
}

/** Undefined for one without a medium: there are dozens of free loop devices, asked for nothing. */
function describe(root: string, name: string): BlockDevice | undefined {
  const sizeBytes = Number(text(`${root}/${name}/size`)) * SECTOR_BYTES;
  if (!(sizeBytes > 0)) return undefined;
  const folder = resolved(`${root}/${name}`);
  const attribute = (path: string): string => text(`${folder}/${path}`);
  // A partition has its disk's folder around its own.
  const disk = attribute('partition') === '' ? folder : dirname(folder);
  return {
    path: `/dev/${name.replaceAll('!', '/')}`,
    sizeBytes,
    readOnly: attribute('ro') === '1',
    removable: text(`${disk}/removable`) === '1' || /\/usb\d+\//.test(folder),
    model: text(`${disk}/device/model`),
    backingFile: attribute('loop/backing_file') || null,
  };
}

function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** '' when there is no such attribute, or the device has just gone. */
function text(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}

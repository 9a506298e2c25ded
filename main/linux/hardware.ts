import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The UUID of SMBIOS, which root may read, and the serial number of a devicetree. */
const FILES = ['sys/class/dmi/id/product_uuid', 'sys/firmware/devicetree/base/serial-number'];

/**
 * What this computer has and a copy of its disk in another one has not; undefined where there is no
 * such thing, or it may not be read.
 */
export function hardwareIn(root = '/'): string | undefined {
  return FILES.map((file) => textOf(join(root, file))).find((text) => text !== '');
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1').replaceAll('\0', '').trim();
  } catch {
    return '';
  }
}

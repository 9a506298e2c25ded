import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = '/sys/class/power_supply';

/**
 * Whether the computer runs on mains power, by sysfs-class-power(ABI). Without a battery that
 * feeds the computer itself (scope 'System' or none) it always does.
 */
export function onAcPower(folder = FOLDER): boolean {
  const supplies = namesIn(folder).map((name) => {
    const read = (attribute: string): string => textOf(join(folder, name, attribute));
    return {
      type: read('type'),
      online: read('online'),
      scope: read('scope'),
      status: read('status'),
    };
  });
  const batteries = supplies.filter(({ type, scope }) => type === 'Battery' && scope !== 'Device');
  if (batteries.length === 0) return true;
  const mains = supplies.filter(({ type }) => type === 'Mains' || type.startsWith('USB'));
  if (mains.some(({ online }) => online === '1')) return true;
  // Some computers show no mains: a battery that is not being emptied says the same.
  return mains.length === 0 && batteries.every(({ status }) => status !== 'Discharging');
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1').trim();
  } catch {
    return '';
  }
}

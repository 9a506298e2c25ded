import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import type { Damage } from '../engine/volume/damage.ts';

/** 'bad data of letters/mum at 8192: checksum, /dev/sdb at 1105920; good copy: ...' */
export function damageLine(damage: Damage): string {
  const { what, reason, device, physical, uncertain } = damage;
  const place = device === '' ? `logical ${damage.logical}` : `${printable(device)} at ${physical}`;
  const doubt = uncertain === true ? ' (or it was written to meanwhile)' : '';
  return `bad ${what}${fileOf(damage)}: ${reason}, ${place}; ${goodOf(damage)}${doubt}`;
}

function fileOf({ tree, inode, path, offset }: Damage): string {
  if (inode === undefined) return tree === undefined ? '' : ` of tree ${tree}`;
  const name = path === undefined ? `inode ${inode}` : printable(textFromBytes(path));
  return ` of ${name} (subvolume ${tree ?? '?'}) at ${offset ?? 0}`;
}

function goodOf({ healedBy, goodDevice, goodPhysical, reason }: Damage): string {
  if (healedBy === undefined) return 'no good copy';
  if (reason === 'parity') return 'the data itself is good';
  const where = goodDevice === undefined ? '' : ` on ${printable(goodDevice)}`;
  return `good copy: ${healedBy}${where}${goodPhysical === undefined ? '' : ` at ${goodPhysical}`}`;
}

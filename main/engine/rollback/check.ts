import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import { subvolumeInfo } from '../../linux/btrfs-ioctl.ts';
import { withSubvolumeMount } from '../../linux/private-mount.ts';
import { idAt, parentUuidAt } from './act.ts';
import type { RollbackPlan } from './plan.ts';

/**
 * Mounts as the boot will, and looks whether it is the new subvolume: nothing claims success
 * that this does not confirm.
 *
 * @throws Conflict 'rollback-not-confirmed'
 */
export function checkRollback(top: number, plan: RollbackPlan, newId: number): void {
  const { newPath, point, target, keptPath, setsDefault } = plan;
  confirm(idAt(top, newPath) === newId, `${newPath} is the new subvolume`);
  confirm(parentUuidAt(top, newPath) === point.uuid, `${newPath} is a snapshot of the point`);
  confirm(idAt(top, keptPath) === target.id, `the old one is kept as ${keptPath}`);
  const byName = mounted(top, { subvol: bytesFromText(`/${newPath}`) });
  confirm(byName === newId, `a mount of ${newPath} shows the new subvolume`);
  if (setsDefault) {
    confirm(mounted(top, {}) === newId, 'a mount of the default subvolume shows the new one');
  }
}

function mounted(top: number, options: { subvol?: Uint8Array }): number {
  return withSubvolumeMount(top, options, (fd) => {
    const { id, readOnly } = subvolumeInfo(fd);
    confirm(!readOnly, 'the new subvolume can be written to');
    return id;
  });
}

function confirm(isTrue: boolean, what: string): void {
  if (isTrue) return;
  throw conflict('rollback-not-confirmed', say`It is not so that ${{ what: printable(what) }}.`, {
    hint: 'Do not restart yet; run the same rollback again, which goes on where it stopped.',
  });
}

import { closeSync, fsyncSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { AT_FDCWD, cString } from '../../linux/files.ts';
import { libc } from '../../linux/libc.ts';
import type { RollbackPlan } from './plan.ts';

/** On the top level, so that it is there for whoever finds the filesystem half changed. */
const NAME = '.dendro-rollback.json';

/** What a kill cut short; undefined when nothing is under way. */
export function readRollback(top: number): RollbackPlan | undefined {
  try {
    return JSON.parse(readFileSync(pathOf(top), 'utf8')) as RollbackPlan;
  } catch {
    return undefined; // there is none, or it was cut short before anything was done
  }
}

/** To be written before the first step, and on the disk when this returns. */
export function writeRollback(top: number, plan: RollbackPlan): void {
  const fd = openSync(pathOf(top), 'w', 0o600);
  try {
    writeFileSync(fd, JSON.stringify(plan));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

export function removeRollback(top: number): void {
  libc().unlinkat(AT_FDCWD, cString(pathOf(top)), 0);
}

function pathOf(top: number): string {
  return `/proc/self/fd/${top}/${NAME}`;
}

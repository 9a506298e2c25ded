import type { Entry, FolderMemory } from './folder-memory.ts';
import type { LossReport } from './loss-report.ts';
import type { Note } from '../../../shared/said.ts';
import { attributeInSidecar, inSidecar } from './lost.ts';

const S_IFMT = 0o170000;
const DEVICES: readonly number[] = [0o020000, 0o060000];

/** Says of each name what the folder itself does not keep, as it is at the end. */
export function reportMemory(memory: FolderMemory, losses: LossReport): void {
  for (const named of memory.walk()) {
    for (const what of lossesOf(named.entry)) {
      if (losses.isFull) losses.countOne(what);
      else losses.add(named.path, what);
    }
  }
}

function lossesOf({ real, memo }: Entry): Note[] {
  if (memo === undefined) return real === undefined ? [] : [inSidecar.name];
  const { absent, mode, uid, times, flags, xattrs, large, isCopied } = memo;
  if (absent?.kind === 'symlink') return [inSidecar.symlink];
  if (absent !== undefined) {
    return [DEVICES.includes(absent.mode & S_IFMT) ? inSidecar.device : inSidecar.special];
  }
  const found: (Note | false)[] = [
    real !== undefined && inSidecar.name,
    mode !== undefined && inSidecar.mode,
    uid !== undefined && inSidecar.owner,
    times !== undefined && inSidecar.times,
    flags !== undefined && inSidecar.flags,
    large !== undefined && inSidecar.end,
    isCopied === true && inSidecar.link,
    ...[...(xattrs?.keys() ?? [])].map((name) => attributeInSidecar(name)),
  ];
  return found.filter((what) => what !== false);
}

import type { Entry, FolderMemory } from './folder-memory.ts';
import type { LossReport } from './loss-report.ts';

const S_IFMT = 0o170000;
const DEVICES: readonly number[] = [0o020000, 0o060000];

/** Says of each name what the folder itself does not keep, as it is at the end. */
export function reportMemory(memory: FolderMemory, losses: LossReport): void {
  for (const { path, entry } of memory.walk()) {
    for (const what of lossesOf(entry)) losses.add(path, what);
  }
}

function lossesOf({ real, memo }: Entry): string[] {
  if (memo === undefined) return real === undefined ? [] : ['name'];
  const { absent, mode, uid, times, flags, xattrs, large, isCopied } = memo;
  if (absent?.kind === 'symlink') return ['symbolic link'];
  if (absent !== undefined) {
    return [DEVICES.includes(absent.mode & S_IFMT) ? 'device node' : 'FIFO or socket'];
  }
  const found: (string | false)[] = [
    real !== undefined && 'name',
    mode !== undefined && 'mode',
    uid !== undefined && 'owner',
    times !== undefined && 'exact times',
    flags !== undefined && 'file flags',
    large !== undefined && 'the end of a file (too large here; kept beside it)',
    isCopied === true && 'hard link (a copy instead)',
    ...[...(xattrs?.keys() ?? [])].map((name) => `attribute ${name}`),
  ];
  return found.filter((what) => what !== false);
}

export { openRescue } from './open-rescue.ts';
export { Rescue, type RescueOptions } from './rescue.ts';
export type { CopyHooks } from './copy-leaf.ts';
export { copyOut, type CopyReport } from './copy-out.ts';
export type { Loss } from './losses.ts';
export { copyAll, type RescueReport, type RescuedSubvolume } from './copy-all.ts';
export { listFiles, type ListedFile } from './list-files.ts';
export type { LostBlock } from './salvage.ts';

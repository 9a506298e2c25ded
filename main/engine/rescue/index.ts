export { openRescue, Rescue, type RescueOptions } from './open-rescue.ts';
export { copyOut, type CopyHooks, type CopyReport, type Loss } from './copy-out.ts';
export type { LostBlock } from './salvage.ts';

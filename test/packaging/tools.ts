import { onPath } from '../harness/kernel.ts';

/** True where a tool is missing and cannot be installed by us: as root its lack is a failure. */
export function lacks(tool: string): boolean {
  return !onPath(tool) && process.getuid?.() !== 0;
}

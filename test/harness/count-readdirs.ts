import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** How many folders are read meanwhile, by way of node:fs. */
export function countReaddirs(run: () => void): number {
  const { readdirSync: real } = fs;
  let count = 0;
  fs.readdirSync = ((...words: Parameters<typeof real>) => {
    count += 1;
    return real(...words);
  }) as typeof real;
  syncBuiltinESMExports();
  try {
    run();
  } finally {
    fs.readdirSync = real;
    syncBuiltinESMExports();
  }
  return count;
}

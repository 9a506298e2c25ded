import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Stands for Node in what tests package: it runs the Node of the test, and weighs nothing. */
export function layStandInNode(folder: string): string {
  const file = join(folder, 'node');
  writeFileSync(file, `#!/bin/sh\nexec '${process.execPath}' "$@"\n`, { mode: 0o755 });
  return file;
}

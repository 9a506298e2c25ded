import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { beginWriteback } from '../../main/linux/files.ts';

/** A stream is received in one turn of the event loop; 4 GiB of long files were 256 of them. */
const MORE_THAN_KOFFI_TAKES = 3_000;

// A receive of more ended with "Too many asynchronous calls are running".
test('the drive can be told to begin any number of times in one turn', () => {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  const fd = openSync(join(folder, 'long'), 'w');
  onTestFinished(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  writeSync(fd, Buffer.alloc(4096));
  expect(() => {
    for (let i = 0; i < MORE_THAN_KOFFI_TAKES; i += 1) beginWriteback(fd, 0, 4096);
  }).not.toThrow();
});

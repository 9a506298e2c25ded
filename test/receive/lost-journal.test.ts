import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { AT_FDCWD, O_NONBLOCK, O_WRONLY } from '../../main/linux/files.ts';
import { libc } from '../../main/linux/libc.ts';
import { run } from '../harness/run.ts';
import { errorOf, fullStream, text } from './receive-harness.ts';

// It was taken for none: what the earlier run had received was removed, and all came again.
test('a journal that cannot be read now is not taken for none', () => {
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  const functions = libc() as { openat(dir: number, path: Buffer, ...more: number[]): number };
  const { openat } = functions;
  try {
    run('mkfifo', [`${folder}/pipe`]);
    const stream = fullStream('one', (e) => {
      for (let i = 0; i < 20; i += 1) e.mkfile(text(`file-${i}`), 300 + i);
    });
    const got = (bytes: Uint8Array): unknown =>
      errorOf(() => receiveFolder({ source: bytesSource(bytes), target: folder }));
    expect(got(stream.subarray(0, stream.length - 20))).toMatchObject({ code: 'stream-cut-short' });
    functions.openat = (dir, path, ...more) => {
      if (!path.toString().endsWith('/journal\0')) return openat(dir, path, ...more);
      // Nobody reads from the pipe: ENXIO, as of a drive that is gone.
      return openat(AT_FDCWD, Buffer.from(`${folder}/pipe\0`), O_WRONLY | O_NONBLOCK, 0);
    };
    expect(got(stream)).toMatchObject({ kind: 'Io', code: 'device-gone' });
    functions.openat = openat;
    const { folders } = receiveFolder({ source: bytesSource(stream), target: folder });
    expect(folders[0]!.resumedAt).toBeGreaterThan(15);
  } finally {
    functions.openat = openat;
    rmSync(folder, { recursive: true, force: true });
  }
});

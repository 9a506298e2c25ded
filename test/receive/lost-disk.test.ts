import { expect, test } from 'vitest';
import { receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { libc } from '../../main/linux/libc.ts';
import { describeKernel } from '../harness/kernel.ts';
import { FOREIGN, missingTool, mountForeign } from './foreign-filesystem.ts';
import { errorOf, fullStream, streamOf, text, UUID } from './receive-harness.ts';

const OTHER = Buffer.alloc(16, 9);
const xfs = FOREIGN.find(({ name }) => name === 'xfs')!;

describeKernel('a drive that fails when a receive begins', () => {
  // The file beside the parent could not be read: "not here", and a full stream was asked for.
  test.skipIf(missingTool(xfs))('is told as that, not as a parent that is missing', () => {
    const disk = mountForeign(xfs);
    const functions = libc() as { openat(dir: number, path: Buffer, ...more: number[]): number };
    const { openat } = functions;
    try {
      const full = fullStream('one', (e) => e.mkfile(text('file'), 1));
      receiveFolder({ source: bytesSource(full), target: disk.dir });
      const increment = streamOf((e) => {
        e.snapshot(text('two'), OTHER, 8, UUID, 7);
        e.end();
      });
      functions.openat = (dir, path, ...more) => {
        if (path.toString().startsWith('one.dendro')) disk.cutOff();
        return openat(dir, path, ...more);
      };
      const request = { source: bytesSource(increment), target: disk.dir };
      expect(errorOf(() => receiveFolder(request))).toMatchObject({ code: 'device-error' });
    } finally {
      functions.openat = openat;
      disk.close();
    }
  });
});

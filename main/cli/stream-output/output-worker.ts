import { workerData } from 'node:worker_threads';
import { toErrorData } from '../../../shared/errors.ts';
import { writeAll } from '../../linux/write-all.ts';
import { putChecksums } from '../../engine/stream/due-checksums.ts';
import { OutputRing } from './output-ring.ts';
import type { OutputThreadData } from './output-thread.ts';

/** The thread that writes a stream, while the engine makes what comes next. */
const { fd, ring: memory, failures } = workerData as OutputThreadData;
const ring = new OutputRing(memory);
ring.started();
try {
  for (let bytes = ring.next(); bytes !== undefined; bytes = ring.next()) {
    putChecksums(bytes);
    writeAll(fd, bytes);
    ring.take();
  }
} catch (error) {
  failures.postMessage(toErrorData(error));
  ring.told();
}

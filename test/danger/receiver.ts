/** `node receiver.ts TARGET CHECKPOINT-MS`: the stream comes on standard input. */
import { writeSync } from 'node:fs';
import { receive } from '../../main/engine/receive.ts';
import { fdSource } from '../../main/engine/stream/decode-source.ts';

const [target, checkpointMs] = process.argv.slice(2);
try {
  const { snapshots } = receive(
    { source: fdSource(0), target: target!, checkpointEveryMs: Number(checkpointMs) },
    { onSubvolume: () => writeSync(1, 'begun\n') },
  );
  console.log(`received, resumed at ${snapshots[0]?.resumedAt}`);
} catch (error) {
  const { kind, code, message } = error as { kind?: string; code?: string; message: string };
  console.log(`${kind} ${code} ${message}`);
  process.exitCode = kind === undefined || kind === 'Bug' ? 3 : 1;
}

/**
 * A send into a folder that kills itself with SIGKILL before its Nth change: run with the JSON of
 * a `SendKillJob`. When it comes to its end it prints how many changes there were.
 */
import { countChanges } from '../harness/kill-at.ts';

export interface SendKillJob {
  /** `transfer` is what the service does, `send` what `dendro send --to` does. */
  readonly by: 'transfer' | 'send';
  readonly device: string;
  /** Where it is mounted. */
  readonly dir: string;
  readonly snapshotId: number;
  readonly parentId: number | null;
  readonly folder: string;
  /** 0: never. */
  readonly killAt: number;
}

const { by, device, dir, folder, killAt, ...what } = JSON.parse(process.argv[2]!) as SendKillJob;
const { transfer } = await import('../../main/engine/verbs/transfer.ts');
const { sendIntoFolder } = await import('../../main/engine/transfer/send-into-folder.ts');
const { transferRequest } = await import('../../main/engine/transfer/request.ts');
const { CancelToken } = await import('../../main/engine/cancel.ts');
const changes = countChanges(killAt);
const cancel = new CancelToken();
const input = { volume: { devices: [device], mountPath: dir }, folder, ...what };
if (by === 'transfer') transfer(input, { cancel, progress: () => undefined });
else sendIntoFolder(transferRequest(input, cancel), folder);
process.stdout.write(`${changes()}\n`);
process.exit(0);

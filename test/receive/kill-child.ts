/**
 * A receive that kills itself with SIGKILL before or after its Nth change: run with the JSON of a
 * `ReceiveKillJob`. When it comes to its end it prints how many changes there were.
 */
import { openSync } from 'node:fs';
import { countChanges } from '../harness/kill-at.ts';

export interface ReceiveKillJob {
  /** A file. */
  readonly stream: string;
  readonly target: string;
  readonly isPlain: boolean;
  readonly checkpointEveryMs?: number;
  /** 0: never. */
  readonly killAt: number;
  /** Right after that change instead of before it. */
  readonly isAfter?: boolean;
}

const { stream, target, isPlain, killAt, isAfter, ...options } = JSON.parse(
  process.argv[2]!,
) as ReceiveKillJob;
const { receive, receiveFolder } = await import('../../main/engine/receive.ts');
const { fdSource } = await import('../../main/engine/stream/decode-source.ts');
const changes = countChanges(killAt, isAfter);
const request = { source: fdSource(openSync(stream, 'r')), target, ...options };
if (isPlain) receiveFolder(request);
else receive(request);
process.stdout.write(`${changes()}\n`);

/**
 * A process that kills itself with SIGKILL before its Nth change: run with the JSON of a `KillJob`.
 * When it comes to its end it prints how many changes there were, and what the
 * verb told.
 */
import { countChanges } from '../harness/kill-at.ts';

export interface KillJob {
  readonly verb: string;
  readonly input: unknown;
  /** 0: never. */
  readonly killAt: number;
  /** No file may be larger. */
  readonly maxFileBytes?: number;
}

const job = JSON.parse(process.argv[2]!) as KillJob;
const changes = countChanges(job.killAt);

const { verbs } = await import('../../main/engine/index.ts');
const { CancelToken } = await import('../../main/engine/cancel.ts');
const { closeVolumes } = await import('../../main/engine/open-volumes.ts');
const verb = (verbs as unknown as Record<string, (input: unknown, context: object) => unknown>)[
  job.verb
]!;
const summary = await verb(job.input, { cancel: new CancelToken(), progress: () => {} });
closeVolumes();
process.stdout.write(JSON.stringify({ changes: changes(), summary }));

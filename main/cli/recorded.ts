import { randomUUID } from 'node:crypto';
import { DendroError } from '../../shared/errors.ts';
import { openHistory, type History } from '../history/history.ts';
import { historyTrouble } from '../history/trouble.ts';
import { ownIdentity } from '../linux/process-identity.ts';
import type { RunSpec } from '../runs/report.ts';
import { Runs, type RunHandle } from '../runs/runs.ts';
import { shell } from '../service/command-line.ts';
import { historyPath } from '../service/state-path.ts';
import { stderr } from '../linux/stderr.ts';

/**
 * Work of a command, recorded in the history as the service does it. Where the history cannot
 * be written the work is done all the same, and that is said.
 */
export async function recorded<T extends { readonly path: string | null }>(
  spec: Pick<RunSpec, 'kind' | 'title' | 'steps'>,
  work: (run: RunHandle | undefined, history: History | undefined) => T | Promise<T>,
): Promise<T> {
  const history = tryOpen();
  if (history === undefined) return work(undefined, undefined);
  try {
    return await asRun(spec, history, work);
  } finally {
    history.close();
  }
}

async function asRun<T extends { readonly path: string | null }>(
  spec: Pick<RunSpec, 'kind' | 'title' | 'steps'>,
  history: History,
  work: (run: RunHandle | undefined, history: History | undefined) => T | Promise<T>,
): Promise<T> {
  const runs = new Runs({
    history: history.runs,
    log: history.runLog,
    emit: () => {},
    nowMs: Date.now,
    newId: randomUUID,
    owner: ownIdentity(),
    explain: (error) => historyTrouble(error, history.path),
    failed: (text) => void stderr.write(`${text}\n`),
  });
  let outcome: { value: T } | { error: unknown } | undefined;
  const { runId } = runs.start({ ...spec, source: null, commandLine: typed() }, async (handle) => {
    try {
      const value = await work(handle, history);
      outcome = { value };
      const result = { point: null, parent: null, path: value.path, commands: 0 };
      return { result };
    } catch (error) {
      outcome = { error };
      throw error;
    }
  });
  await runs.ended(runId);
  if (outcome !== undefined && 'value' in outcome) return outcome.value;
  throw outcome?.error;
}

function typed(): string {
  return shell(['dendro', ...process.argv.slice(2)]);
}

function tryOpen(): History | undefined {
  try {
    return openHistory(historyPath(process.env, process.getuid?.() === 0));
  } catch (error) {
    if (!(error instanceof DendroError)) throw error;
    stderr.write(`Not recorded in the history: ${error.message}\n`);
    return undefined;
  }
}

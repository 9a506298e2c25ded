import { conflict, corrupt } from '../../../shared/errors.ts';
import { counted, noted, say, type Note, type Noted } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { VerbInput, VerbName, VerbOutput } from '../../engine/index.ts';
import type { RunHandle } from '../../runs/runs.ts';
import { shell } from '../command-line.ts';
import type { Context } from '../context.ts';
import { andMore } from '../note-losses.ts';

/** More than these are told as a number. */
export const PROBLEMS_NOTED = 20;

interface Job {
  readonly kind: Run['kind'];
  readonly title: Noted;
  readonly step: string;
  /** Holds no secret. */
  readonly command: readonly string[];
  readonly source?: Run['source'];
}

export type Carry = <N extends VerbName>(verb: N, input: VerbInput<N>) => Promise<VerbOutput<N>>;

/** Starts a run of one step that is carried out by verbs in an engine of its own. */
export function begin(
  context: Context,
  { kind, title, step, command, source = null }: Job,
  work: (run: RunHandle, carry: Carry) => Promise<{ path: string | null; detail: Noted }>,
): Promise<{ runId: string }> {
  const spec = { kind, title, steps: [step], source, commandLine: shell([...command]) };
  const { runId } = context.runs.start(spec, async (run) => {
    run.step(step);
    const { path, detail } = await context.withEngine((engine) =>
      work(run, (verb, input) =>
        engine.run(verb, input, {
          cancel: run.cancel,
          onProgress: ({ bytes, files, current }) => run.progress(bytes, files, current),
        }),
      ),
    );
    return { result: { point: null, parent: null, path, commands: 0 }, detail };
  });
  return Promise.resolve({ runId });
}

/** The restore points of an archive that was written to are on the timeline from now on. */
export async function wroteArchive(
  folder: string,
  { points, archives, hub }: Context,
): Promise<void> {
  await points.lookAtDrives();
  await archives.wrote(folder, points.drives);
  hub.emit('volumes.changed', {});
}

/** @throws Conflict 'not-absolute' */
export function absolute(path: string): string {
  if (path.startsWith('/')) return path;
  throw conflict('not-absolute', say`"${{ path: printable(path) }}" is not a full path.`, {
    hint: 'Name the folder from the top: /media/me/Drive/backups.',
  });
}

/** The rest came back; a run that left something out, told in its notes, is none that went well. */
export function assertNoDamage({ damageCount }: { readonly damageCount: number }): void {
  if (damageCount === 0) return;
  throw corrupt(
    'archive-damaged',
    say`${{ damageCount }} ${counted(damageCount, 'file is', 'files are')} damaged and ${counted(damageCount, 'was', 'were')} left out.`,
    {
      hint: 'All others were restored. The notes say which are damaged; take them from another copy.',
    },
  );
}

/** What is wrong with single files, as notes of the run. */
export function noteFailures(
  failures: readonly { readonly file: string; readonly message: Note }[],
  run: RunHandle,
): void {
  for (const { file, message } of failures.slice(0, PROBLEMS_NOTED))
    run.note(noted('file-problem', say`${{ path: printable(file) }}: ${{ reason: message }}`));
  if (failures.length > PROBLEMS_NOTED) run.note(andMore(failures.length - PROBLEMS_NOTED));
}

import type { ErrorData } from '../../../../shared/errors.ts';
import { counted, noted, say } from '../../../../shared/said.ts';
import { conflict } from '../../../../shared/errors.ts';
import { printable } from '../../../../shared/model/bytes-text.ts';
import { hostOf, placeId, type TargetOf } from '../../../../shared/model/plan-target.ts';
import type { Subvolume } from '../../../../shared/model/subvolume.ts';
import { sentUuid } from '../../../engine/send-identity.ts';
import type { VerbOutput } from '../../../engine/index.ts';
import { parseSshTarget, type SshTarget } from '../../../engine/wire/ssh-target.ts';
import type { PlanRow } from '../../../history/plans.ts';
import { commonParents, streamUuid } from '../../../plan/parents.ts';
import type { RunHandle, Work } from '../../../runs/runs.ts';
import { noteReceived, recordBackup } from '../../backup/after-send.ts';
import { noteNested } from '../../backup/source-notes.ts';
import { noteForm } from '../../backup/interrupted.ts';
import { IN_FULL, nearest, sizesOf, type Candidate } from '../../backup/plan-backup.ts';
import { sourceTitle } from '../../backup/title.ts';
import { remoteBackupCommand } from '../../command-line.ts';
import type { Context } from '../../context.ts';
import { heavyOn } from '../../heavy-on.ts';
import type { KnownVolume } from '../../volumes/volume-book.ts';
import { notePin } from '../pins/note-pin.ts';
import type { SnapshotMade } from '../snapshot-sources.ts';
import { recordFarEnd } from './record-place.ts';
import { unfinishedFirst } from './unfinished-first.ts';
import { toPlace } from '../../../runs/titles.ts';

/** As ssh is asked by a service: it never asks back. */
export function sshTargetOf(target: TargetOf<'ssh'>): SshTarget {
  const { url, configFile, remoteDendro, remoteBtrfs } = target;
  return {
    ...parseSshTarget(url),
    isUnattended: true,
    ...(configFile !== '' && { configFile }),
    ...(remoteDendro !== '' && { dendro: remoteDendro }),
    ...(remoteBtrfs !== '' && { btrfs: remoteBtrfs }),
  };
}

/** Sends a snapshot into a folder on another computer: a run of its own. */
export async function sendOneOverSsh(
  target: TargetOf<'ssh'>,
  made: SnapshotMade,
  plan: PlanRow,
  context: Context,
): Promise<ErrorData | undefined> {
  const { excludes } = plan.draft;
  const title = toPlace(await sourceTitle(made.source, context), hostOf(target));
  const devices = await heavyOn([made.source.volumeId], context);
  return unfinishedFirst(target, made, excludes, context, async (one) => {
    const { runId } = context.runs.start(
      {
        kind: 'backup',
        title,
        steps: ['plan', 'send', 'check'],
        source: one.source,
        planId: plan.planId,
        commandLine: '',
        devices,
      },
      new Sending(target, one, excludes, context).work,
    );
    const { error } = await context.runs.ended(runId);
    if (!error) notePin(target, one, null, context);
    return error ?? undefined;
  });
}

/** One snapshot on its way to another computer. */
class Sending {
  readonly #target: TargetOf<'ssh'>;
  readonly #far: SshTarget;
  readonly #one: SnapshotMade;
  readonly #excludes: readonly string[];
  readonly #context: Context;

  constructor(
    target: TargetOf<'ssh'>,
    one: SnapshotMade,
    excludes: readonly string[],
    context: Context,
  ) {
    this.#target = target;
    this.#far = sshTargetOf(target);
    this.#one = one;
    this.#excludes = excludes;
    this.#context = context;
  }

  readonly work: Work = async (run) => {
    const { source, snapshot } = this.#one;
    run.step('plan', printable(snapshot.path));
    const from = await this.#context.volumes.get(source.volumeId);
    const best = await this.#bestWay(from, run);
    run.plan(best.bytes, best.files);
    run.typed(remoteBackupCommand(from, snapshot, best, this.#excludes, this.#target));
    run.step(
      'send',
      best.parent === null
        ? noted(
            'in-full',
            say`in full: ${{ count: best.files }} ${counted(best.files, 'file', 'files')}`,
          )
        : noted(
            'since',
            say`since ${{ parent: printable(best.parent.path) }}: ${{ count: best.files }} ${counted(best.files, 'file', 'files')}`,
          ),
    );
    noteForm(snapshot, this.#excludes, this.#context.history);
    const received = await this.#send(from, best, run);
    run.progress(received.bytes, received.files, '');
    noteReceived(received, run);
    await noteNested(received.nestedSubvolumes, from, run, this.#context);
    if (received.resumedAt > 0)
      run.note(noted('went-on', say`Went on at command ${{ command: received.resumedAt }}.`));
    run.step(
      'check',
      received.wasThere
        ? noted('was-there', 'it was there already')
        : noted(
            'commands',
            say`${{ count: received.commands }} ${counted(received.commands, 'command', 'commands')}`,
          ),
    );
    await this.#check(best, received.files, run);
    return {
      result: {
        point: null,
        parent: null,
        path: this.#target.url,
        commands: received.commands,
      },
      detail: noted('complete-far', 'complete and read-only on the other computer'),
    };
  };

  async #bestWay(from: KnownVolume, run: RunHandle): Promise<Candidate> {
    const { points, history } = this.#context;
    const { snapshot } = this.#one;
    const [local, { subvolumes }] = [await points.subvolumes(from), await this.#look(run)];
    const formsOf = (uuid: string) => history.sentWithout.of(uuid);
    const { pairs, notes } = commonParents(snapshot, local, subvolumes, formsOf);
    for (const note of notes) run.note(note);
    const ways = pairs.length === 0 ? [IN_FULL] : nearest(pairs);
    const outgoing = { from, snapshot, excludes: this.#excludes };
    return (await sizesOf(outgoing, ways, this.#context, run.cancel))[0]!;
  }

  async #look(run: RunHandle): Promise<VerbOutput<'farEnd'>> {
    const input = { target: this.#far };
    const far = await this.#context.withEngine((engine) =>
      engine.run('farEnd', input, { cancel: run.cancel }),
    );
    // It answered, whatever comes of the backup.
    const { history, nowMs } = this.#context;
    history.points.volumeSeen(placeId(this.#target), hostOf(this.#target), nowMs());
    return far;
  }

  #send(
    from: KnownVolume,
    { parent, parentExcludes }: Candidate,
    run: RunHandle,
  ): Promise<VerbOutput<'transferOverSsh'>> {
    const input = {
      volume: from.input,
      snapshotId: this.#one.snapshot.subvolumeId,
      parentId: parent?.subvolumeId ?? null,
      excludes: this.#excludes,
      parentExcludes,
      target: this.#far,
    };
    return this.#context.withEngine((engine) =>
      engine.run('transferOverSsh', input, {
        cancel: run.cancel,
        onProgress: ({ bytes, files, current }) => run.progress(bytes, files, current),
      }),
    );
  }

  /** Looks at the other end itself: there, whole and read-only. */
  async #check(best: Candidate, files: number, run: RunHandle): Promise<void> {
    const { snapshot } = this.#one;
    const uuid = sentUuid(streamUuid(snapshot)!, this.#excludes);
    const far = await this.#look(run);
    if (!far.subvolumes.some((one) => one.receivedUuid === uuid && isWhole(one))) {
      throw missing(snapshot, this.#target);
    }
    recordBackup(snapshot, best, files, run, this.#context);
    recordFarEnd(this.#target, far, this.#context);
  }
}

function isWhole({ readOnly, whole }: Pick<Subvolume, 'readOnly' | 'whole'>): boolean {
  return readOnly && whole;
}

function missing({ path }: Subvolume, { url }: TargetOf<'ssh'>): Error {
  return conflict(
    'received-missing',
    say`"${{ name: printable(path) }}" is not complete at ${{ url }}.`,
    {
      hint: 'Send it again.',
    },
  );
}

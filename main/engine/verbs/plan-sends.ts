import type { VerbContext } from '../context.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { send } from '../send.ts';
import { CountingSink } from '../stream/counting.ts';
import { transferProtocol } from '../transfer/request.ts';
import { openSubvolume, Subvolume } from '../tree/index.ts';

export interface PlanInput {
  readonly volume: VolumeInput;
  readonly snapshotId: number;
  /** One plan for each; null is the full send. */
  readonly parentIds: readonly (number | null)[];
  /** Patterns of gitignore(5) that are left out, and those that each parent was sent without. */
  readonly excludes?: readonly string[];
  readonly parentExcludes?: readonly (readonly string[])[];
  /** The snapshot may be a writable subvolume: the plan is as of now. */
  readonly allowWritable?: boolean;
  /** Only what is to be sent from this command on. */
  readonly resumeFrom?: number;
}

export interface SendSize {
  readonly commands: number;
  /** Made or changed: all but folders, each once, however many names it has. */
  readonly files: number;
  /** Exact length of the stream. */
  readonly bytes: number;
}

/** Runs each send without data: exact sizes in a fraction of the time. */
export function planSends(input: PlanInput, { cancel }: VerbContext): SendSize[] {
  const volume = volumeFor(input.volume, cancel);
  const opened = openSubvolume(volume, input.snapshotId);
  const snapshot = input.allowWritable ? asReadOnly(opened) : opened;
  return input.parentIds.map((parentId, i) => {
    const meter = new CountingSink(transferProtocol.protocol);
    const parent = parentId === null ? {} : { parent: openSubvolume(volume, parentId) };
    const resumeFrom = input.resumeFrom ?? 0;
    const excludesOf = (): readonly string[] => input.parentExcludes?.[i] ?? [];
    const without = { excludes: input.excludes ?? [], excludesOf };
    const request = { volume, snapshot, ...parent, ...transferProtocol, ...without, resumeFrom };
    const { commands, files, filesPassed } = send(request, meter, { cancel });
    return { commands, files: files - filesPassed, bytes: meter.bytes };
  });
}

/** What a snapshot taken at this moment would look like. */
function asReadOnly({ volume, info, root }: Subvolume): Subvolume {
  return new Subvolume(volume, { ...info, isReadOnly: true }, root);
}

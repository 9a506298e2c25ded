import { corrupt } from '../../../shared/errors.ts';
import { counted, noted, say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { DamageModel, VerifyReport } from '../../../shared/model/space.ts';
import type { RunHandle } from '../../runs/runs.ts';
import { shell } from '../command-line.ts';
import { usingDrives } from '../using-drives.ts';
import type { Handlers } from './index.ts';
import { findSubvolume } from './snapshots.ts';
import { andMore } from '../note-losses.ts';
import { verifyTitle } from '../../runs/titles.ts';

/** More than these are told as a number. */
const DAMAGES_NOTED = 20;

export const verifyHandlers: Pick<Handlers, 'verify.start' | 'verify.report'> = {
  'verify.start': async (request, context) => {
    const { volumeId, subvolumeId } = request;
    const { volume, input } = await context.volumes.get(volumeId);
    const ref = subvolumeId === undefined ? null : { volumeId, subvolumeId };
    const path = ref === null ? null : (await findSubvolume(ref, context)).subvolume.path;
    const place = path === null ? input.devices[0]! : `${input.devices[0]!}:/${path}`;
    const { runId } = context.runs.start(
      {
        kind: 'verify',
        title: verifyTitle(path, volume.name),
        steps: ['verify'],
        source: ref,
        commandLine: shell(['dendro', 'verify', place]),
        request: { call: 'verify.start', input: request },
      },
      async (run) => {
        run.step('verify');
        const asked = { volume: input, subvolumeId: subvolumeId ?? null };
        const report = await usingDrives([volumeId], context, () =>
          context.withEngine((engine) =>
            engine.run('verify', asked, {
              cancel: run.cancel,
              onProgress: ({ bytes, files, current }) => run.progress(bytes, files, current),
            }),
          ),
        );
        context.reports.keep(run.runId, { kind: 'verify', report });
        return { result: null, detail: concluded(report, run) };
      },
    );
    return { runId };
  },

  'verify.report': async ({ runId }, { reports }) => reports.get(runId, 'verify').report,
};

/** Notes what was bad; what has no good copy left fails the run. @throws Corrupt. */
function concluded(report: VerifyReport, run: RunHandle): Note {
  const { damages, damagesLeftOut, missingDevices, blocks, dataBytes, unverifiedBytes } = report;
  for (const damage of damages.slice(0, DAMAGES_NOTED)) run.note(noteOf(damage));
  const more = damages.length + damagesLeftOut - DAMAGES_NOTED;
  if (more > 0) run.note(andMore(more));
  for (const id of missingDevices) {
    run.note(
      noted('device-missing', say`Device ${{ id }} is missing: its copies were not looked at.`),
    );
  }
  if (unverifiedBytes > 0)
    run.note(noted('no-checksums', say`${{ bytes: unverifiedBytes }} bytes have no checksums.`));
  const lost = damages.filter(({ healedBy }) => healedBy === undefined).length;
  if (lost === 0)
    return noted(
      'verified',
      say`${{ blocks }} ${counted(blocks, 'tree block', 'tree blocks')} and ${{ bytes: dataBytes }} bytes of data`,
    );
  throw corrupt(
    'damage-found',
    say`${{ lost }} ${counted(lost, 'place is bad and has', 'places are bad and have')} no good copy.`,
    {
      hint: 'The report names the files: restore them from a backup.',
    },
  );
}

function noteOf({ what, path, inode, offset, reason, device, physical, ...rest }: DamageModel) {
  const name = path === undefined ? (inode === undefined ? '' : `inode ${inode}`) : printable(path);
  const file = name === '' ? '' : say` of ${{ name }} at ${{ offset: offset ?? 0 }}`;
  const good =
    rest.healedBy === undefined ? 'no good copy' : say`good copy: ${{ goodCopy: rest.healedBy }}`;
  return noted(
    'bad-place',
    say`Bad ${{ what: kindOf(what) }}${file} (${{ reason: reasonOf(reason) }}): ${{ device: printable(device) }} at ${{ physical }}; ${good}.`,
  );
}

function kindOf(what: DamageModel['what']): Note {
  switch (what) {
    case 'superblock':
      return noted('superblock', 'superblock');
    case 'metadata':
      return noted('metadata', 'metadata');
    case 'data':
      return noted('data', 'data');
  }
}

/** The words of the format are the field's own; those that say most are put in a person's. */
function reasonOf(reason: string): Note {
  switch (reason) {
    case 'checksum':
      return noted('bad-checksum', reason);
    case 'parity':
      return noted('bad-parity', reason);
    case 'generation':
      return noted('bad-generation', reason);
    default:
      return noted('bad-otherwise', say`${{ reason }}`);
  }
}

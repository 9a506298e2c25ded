import { z } from 'zod';
import { noted } from '../said.ts';
import { PathText } from './basics.ts';
import { because } from './reasons.ts';
import { Retention } from './retention.ts';

export const NO_KIND = because(
  noted('no-kind', 'the kind of a target is "btrfs", "archive" or "ssh"'),
);

/** Below the top of a drive; '' is the top. */
export const FolderOnDrive = PathText.refine(
  (path) => !path.split('/').includes('..'),
  because(
    noted(
      'leads-out',
      'leads out of the drive: name the folder from the top of the drive, without ".."',
    ),
  ),
);

/** A folder on a btrfs volume of this computer, from where the volume is mounted. */
export const BtrfsTarget = z.strictObject({
  kind: z.literal('btrfs'),
  volumeId: z.string().min(1),
  folder: FolderOnDrive.default(''),
  keep: Retention,
});

/** Stream files: an archive in a folder of a drive, whatever filesystem it has. */
export const ArchiveTarget = z.strictObject({
  kind: z.literal('archive'),
  /** `Drive.driveId`: the UUID of its filesystem. */
  driveId: z.string().min(1),
  folder: FolderOnDrive.default(''),
  keep: Retention,
  /** zstd. */
  level: z.int().min(1).max(19).default(3),
  /** Public keys of age for an archive that is begun; none: not encrypted. */
  recipients: z.array(z.string().min(1).max(4_096)).max(32).default([]),
});

/** What `dendro send --to` takes: nothing in it is an option, or a shell would look at twice. */
const SSH_URL =
  /^ssh:\/\/(?:[A-Za-z0-9_][\w.@+-]*\$?@)?(?:[A-Za-z0-9_][\w.-]*|\[[0-9A-Fa-f:.]+(?:%[\w.-]+)?\])(?::\d{1,5})?\/[^\0\r\n]*$/;

/** A folder on btrfs of another computer, through the OpenSSH of this one. */
export const SshTarget = z.strictObject({
  kind: z.literal('ssh'),
  url: z
    .string()
    .max(4_096)
    .regex(
      SSH_URL,
      because(noted('no-ssh-address', 'is no ssh://HOST/FOLDER or ssh://USER@HOST:PORT/FOLDER')),
    ),
  keep: Retention,
  /** `ssh -F`; '' is the configuration of the user that the service runs as. */
  configFile: PathText.default(''),
  /** The words that start Dendro or btrfs there: 'sudo -n dendro'. '' is the plain name. */
  remoteDendro: words(),
  remoteBtrfs: words(),
});

/** Where backups go, and what is kept there. */
export const PlanTarget = z.discriminatedUnion('kind', [BtrfsTarget, ArchiveTarget, SshTarget], {
  error: NO_KIND,
});
export type PlanTarget = z.infer<typeof PlanTarget>;
/** Where an archive lies: below the top of a drive, whatever that is mounted at. */
export type ArchiveOnDrive = Pick<z.infer<typeof ArchiveTarget>, 'driveId' | 'folder'>;
export type TargetOf<K extends PlanTarget['kind']> = Extract<PlanTarget, { kind: K }>;

export const PlanTargets = z
  .array(PlanTarget)
  .max(20)
  .refine(
    (targets) => new Set(targets.map(targetKey)).size === targets.length,
    because(noted('place-twice', 'the same place stands there twice')),
  );

/** Names a target within its plan, and the same in every plan. */
export function targetKey(target: PlanTarget): string {
  switch (target.kind) {
    case 'btrfs':
      return `btrfs:${target.volumeId}/${target.folder}`;
    case 'archive':
      return archivePlaceId(target);
    case 'ssh':
      return target.url.replace(/([^/])\/+$/, '$1');
  }
}

/** The id under which restore points of an archive are recorded. */
export function archivePlaceId({ driveId, folder }: ArchiveOnDrive): string {
  return `archive:${driveId}/${folder}`;
}

/** The other way round; undefined for a place of another kind. */
export function archiveOfPlace(id: string): ArchiveOnDrive | undefined {
  const [, driveId, folder] = /^archive:([^/]+)\/(.*)$/s.exec(id) ?? [];
  return driveId === undefined || folder === undefined ? undefined : { driveId, folder };
}

/** The id under which restore points at a target are recorded: of btrfs its volume's. */
export function placeId(target: PlanTarget): string {
  return target.kind === 'btrfs' ? target.volumeId : targetKey(target);
}

/** Whether two ids name one place; another computer may stand there as several users. */
export function isSamePlace(id: string, other: string): boolean {
  return id === other || (isSsh(id) && isSsh(other) && farFolder(id) === farFolder(other));
}

function isSsh(id: string): boolean {
  return id.startsWith('ssh://');
}

/** 'nas/backups' of `ssh://me@nas:22/backups/`. */
function farFolder(url: string): string {
  return `${hostOf({ url })}${url.slice(url.indexOf('/', 'ssh://'.length)).replace(/\/+$/, '')}`;
}

/** The drive that has to be here; null for another computer. */
export function driveOf(target: PlanTarget): string | null {
  switch (target.kind) {
    case 'btrfs':
      return target.volumeId;
    case 'archive':
      return target.driveId;
    case 'ssh':
      return null;
  }
}

/** Of a recorded place: the drive that has to be here; null for another computer. */
export function driveOfPlace(id: string): string | null {
  if (isSsh(id)) return null;
  return /^archive:([^/]+)\//.exec(id)?.[1] ?? id;
}

/** Whether the place is a btrfs volume, from which snapshots are read as they are. */
export function isVolume(id: string): boolean {
  return driveOfPlace(id) === id;
}

/** 'nas' of `ssh://me@nas:22/backups`. */
export function hostOf({ url }: Pick<TargetOf<'ssh'>, 'url'>): string {
  return url.slice('ssh://'.length).split('/')[0]!.replace(/^.*@/, '').replace(/:\d+$/, '');
}

function words() {
  return z
    .string()
    .max(200)
    .regex(
      /^[\w./ -]*$/,
      because(noted('more-than-names', 'holds more than names of programs and options')),
    )
    .default('');
}

import { readdirSync } from 'node:fs';
import { DendroError } from '../../../shared/errors.ts';
import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import { removeIfEmpty, Staging, STAGING_PREFIX } from '../../engine/restore/staging.ts';
import { joinPath } from '../../engine/tree/index.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../linux/files.ts';
import { bootId } from '../../linux/process-identity.ts';

export interface ForgetRestoresInput {
  /** An absolute path: where they were to go. */
  readonly folder: string;
  /** What was to be restored, from the top of the point. */
  readonly paths: readonly string[];
  /** Those that were there before, which are somebody else's to go on with. */
  readonly except: readonly string[];
}

/** What tells the restores into a folder apart that have not come to their end. */
export function restoresBegunIn(folder: string): string[] {
  try {
    return readdirSync(Buffer.from(bytesFromText(folder)), { encoding: 'latin1' })
      .filter((name) => name.startsWith(STAGING_PREFIX))
      .map((name) => name.slice(STAGING_PREFIX.length));
  } catch {
    return []; // a folder that is not there or cannot be listed has none to forget
  }
}

/**
 * Removes what a restore has staged that was given up while nothing of it ran: its source is away,
 * so that the restore itself cannot be asked. One that runs is left alone.
 */
export function forgetRestores({ folder, paths, except }: ForgetRestoresInput): void {
  const root = openPath(cString(bytesFromText(folder)), O_RDONLY | O_DIRECTORY);
  try {
    const begun = restoresBegunIn(folder).filter((key) => !except.includes(key));
    for (const key of begun) forgetOne(folder, root, key, paths);
  } finally {
    closeFd(root);
  }
}

function forgetOne(folder: string, root: number, key: string, paths: readonly string[]): void {
  const staging = openStaging(folder, root, key);
  if (staging === undefined) return;
  const { names = [], madeFolders = [] } = staging.header ?? {};
  const isOurs = ({ from }: { readonly from: string }): boolean =>
    paths.some((path) => path === '' || from === path || from.startsWith(`${path}/`));
  if (!names.every(isOurs)) return staging.close();
  staging.remove();
  for (const { path } of [...madeFolders].reverse()) {
    removeIfEmpty(joinPath(bytesFromText(folder), bytesFromText(path)));
  }
}

function openStaging(folder: string, root: number, key: string): Staging | undefined {
  try {
    return new Staging(folder, root, key, bootId());
  } catch (error) {
    if (error instanceof DendroError && error.code === 'restore-running') return undefined;
    throw error;
  }
}

import type { CallName, CallOutput, CheckedInput } from '../../../shared/contract/calls.ts';
import type { Context } from '../context.ts';
import { archiveUpkeepHandlers } from './archive-upkeep.ts';
import { archiveHandlers } from './archive.ts';
import { backupHandlers } from './backup.ts';
import { browseHandlers } from './browse.ts';
import { inspectHandlers } from './inspect.ts';
import { rescueHandlers } from './rescue.ts';
import { otherToolHandlers } from './other-tools.ts';
import { driveHandlers } from './drives.ts';
import { catalogueHandlers } from './catalogue.ts';
import { restoreHandlers } from './restore.ts';
import { runHandlers } from './runs.ts';
import { chainHandlers } from './chain.ts';
import { pinHandlers } from './pins.ts';
import { healHandlers } from './heal.ts';
import { recoverHandlers } from './recover.ts';
import { placeHandlers } from './places.ts';
import { planHandlers } from './plans.ts';
import { settingHandlers } from './settings.ts';
import { snapshotHandlers } from './snapshots.ts';
import { streamHandlers } from './streams.ts';
import { updateHandlers } from './update.ts';
import { verifyHandlers } from './verify.ts';
import { volumeHandlers } from './volumes.ts';

/** One function for each call of the contract. */
export type Handlers = {
  readonly [N in CallName]: (input: CheckedInput<N>, context: Context) => Promise<CallOutput<N>>;
};

export const handlers: Handlers = {
  ...archiveHandlers,
  ...archiveUpkeepHandlers,
  ...settingHandlers,
  ...volumeHandlers,
  ...driveHandlers,
  ...otherToolHandlers,
  ...snapshotHandlers,
  ...browseHandlers,
  ...inspectHandlers,
  ...verifyHandlers,
  ...rescueHandlers,
  ...backupHandlers,
  ...catalogueHandlers,
  ...restoreHandlers,
  ...placeHandlers,
  ...healHandlers,
  ...recoverHandlers,
  ...runHandlers,
  ...planHandlers,
  ...pinHandlers,
  ...chainHandlers,
  ...streamHandlers,
  ...updateHandlers,
};

import { z } from 'zod';
import { PathText, TimeMs } from './basics.ts';
import { NoticeWay } from './notice.ts';

/** What the page needs to know of the process behind it. */
export const ServiceInfo = z.object({
  version: z.string(),
  hostName: z.string(),
  userName: z.string(),
  homePath: PathText,
  /** False: volumes and drives of this computer cannot be read; images still can. */
  isRoot: z.boolean(),
  carrier: z.enum(['in-process', 'electron', 'websocket', 'socket', 'helper']),
  historyPath: PathText,
  /** What a person types on this computer to start Dendro. */
  command: z.string().default('dendro'),
});
export type ServiceInfo = z.infer<typeof ServiceInfo>;

export const Settings = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  /** A BCP 47 tag, or `system`: that of the desktop. */
  language: z.string().min(2).max(35),
  /** Name of the folder that keeps local snapshots, beside the subvolumes of a volume. */
  snapshotFolder: z
    .string()
    .min(1)
    .max(255)
    .regex(/^(?!\.{1,2}$)[^/\0]+$/),
  notifyOnFailure: z.boolean(),
  /** Plans begin nothing by themselves before then; 0: they do. */
  plansPausedUntilMs: TimeMs,
  /** How a person is told what is wrong, or right again. */
  noticeWays: z.array(NoticeWay).max(20),
  /** Warn when a plan has had no good run for this long. */
  silenceDays: z.int().min(1).max(365),
  /** Runs that ended longer ago are forgotten, and the oldest beyond this many. */
  historyDays: z.int().min(1).max(36_500),
  historyRuns: z.int().min(10).max(1_000_000),
  /** Ask the update channel once a day whether there is a newer version. */
  lookForUpdates: z.boolean(),
});
export type Settings = z.infer<typeof Settings>;

export const defaultSettings: Settings = {
  theme: 'system',
  language: 'system',
  snapshotFolder: '.dendro',
  notifyOnFailure: true,
  plansPausedUntilMs: 0,
  noticeWays: [{ way: 'desktop', events: ['failure', 'recovery', 'silence', 'drive-missing'] }],
  silenceDays: 7,
  historyDays: 730,
  historyRuns: 20_000,
  lookForUpdates: false,
};

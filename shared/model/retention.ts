import { z } from 'zod';
import { TimeMs } from './basics.ts';

/**
 * How many points to keep at one place: the newest ones, and the last of each hour, day, week,
 * month and year that has one.
 */
export const Retention = z.strictObject({
  latest: z.int().min(1).max(10_000).default(1),
  hourly: z.int().min(0).max(10_000).default(0),
  daily: z.int().min(0).max(10_000).default(0),
  weekly: z.int().min(0).max(10_000).default(0),
  monthly: z.int().min(0).max(10_000).default(0),
  yearly: z.int().min(0).max(10_000).default(0),
  /** Nothing younger is deleted. */
  minAgeHours: z.int().min(0).max(1_000_000).default(0),
  /**
   * While less of the place is free, the oldest points go that only hourly, daily, weekly,
   * monthly and yearly rules keep. 0: never.
   */
  minFreePercent: z.int().min(0).max(90).default(0),
});
export type Retention = z.infer<typeof Retention>;

/** One point under a retention rule, and why it stays or goes. */
export const RetentionVerdict = z.object({
  takenAtMs: TimeMs,
  keep: z.boolean(),
  /**
   * 'latest', 'hourly' ... 'min-age', 'tagged', 'parent-of-next', 'being-sent', 'in-use', 'ahead-of-clock',
   * 'other-plan'; of one that goes 'no-rule' or 'space'.
   */
  reasons: z.array(z.string()),
});
export type RetentionVerdict = z.infer<typeof RetentionVerdict>;

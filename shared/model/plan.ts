import { z } from 'zod';
import { noted } from '../said.ts';
import { Count, ErrorModel, Id, PathText, TimeMs } from './basics.ts';
import { because } from './reasons.ts';
import { PlanTargets } from './plan-target.ts';
import { Retention, RetentionVerdict } from './retention.ts';
import { SubvolumeRef } from './subvolume.ts';

const hour = z.int().min(0).max(23);
const minute = z.int().min(0).max(59);

/** When a plan is due, in local time; the last two are events. */
export const Timing = z.discriminatedUnion(
  'every',
  [
    z.object({ every: z.literal('minutes'), minutes: z.int().min(1).max(1_440) }),
    z.object({ every: z.literal('hour'), minute }),
    z.object({ every: z.literal('day'), hour, minute }),
    /** 0 is Sunday. */
    z.object({ every: z.literal('week'), weekday: z.int().min(0).max(6), hour, minute }),
    /** In a month that is shorter, its last day. */
    z.object({ every: z.literal('month'), day: z.int().min(1).max(31), hour, minute }),
    /** crontab(5): five fields. */
    z.object({ every: z.literal('cron'), expression: z.string().min(1).max(500) }),
    /** OnCalendar=, systemd.time(7). */
    z.object({ every: z.literal('calendar'), expression: z.string().min(1).max(500) }),
    /** When a drive that is a target of the plan comes. */
    z.object({ every: z.literal('plug-in') }),
    /** Before packages are installed or removed: `dendro plan run --before-packages`. */
    z.object({ every: z.literal('packages') }),
  ],
  {
    error: because(
      noted(
        'no-timing',
        'the word is minutes, hour, day, week, month, cron, calendar, plug-in or packages',
      ),
    ),
  },
);
export type Timing = z.infer<typeof Timing>;

/** What is backed up: a subvolume, with `nested` also those below it, as a set. */
export const PlanSource = SubvolumeRef.extend({
  /** From the volume's top level: finds the subvolume again after a rollback put another there. */
  path: PathText.default(''),
  nested: z.boolean().default(false),
});
export type PlanSource = z.infer<typeof PlanSource>;

const ClockTime = z.object({ hour, minute });

/** What must hold for a run to begin by itself; what a person starts begins in any case. */
export const Conditions = z.strictObject({
  onAcPower: z.boolean().default(false),
  /** Holds for what goes over the network: a drive is served on any connection. */
  notMetered: z.boolean().default(false),
  /** Not while a screen is used to present or to watch, as far as the desktop tells. */
  notPresenting: z.boolean().default(false),
  /** May pass midnight. */
  quietHours: z.object({ from: ClockTime, to: ClockTime }).nullable().default(null),
});
export type Conditions = z.infer<typeof Conditions>;

export const PlanOptions = z.strictObject({
  /** Mount the target's drive for the run, and unmount it after. */
  mountDrive: z.boolean().default(false),
  /** After the run: unmount the drive and power it down. */
  ejectDrive: z.boolean().default(false),
  /** Snapshots that other tools made are deleted by the plan's rules, too. */
  adoptOthers: z.boolean().default(false),
});
export type PlanOptions = z.infer<typeof PlanOptions>;

/** What a person edits; of a whole plan it takes this part. */
export const PlanDraft = z.object({
  name: z.string().min(1).max(200),
  enabled: z.boolean().default(true),
  sources: z.array(PlanSource).min(1).max(100),
  /** Any of them makes it due; none: only when a person starts it. */
  when: z.array(Timing).max(20),
  keepLocal: Retention,
  /** None: snapshots on this computer only. Several: drives in rotation, each with its own rules. */
  targets: PlanTargets,
  /** Patterns of gitignore(5): left out of what is sent. Snapshots on this computer are whole. */
  excludes: z.array(z.string().min(1).max(4_096)).max(1_000).default([]),
  conditions: Conditions.prefault({}),
  options: PlanOptions.prefault({}),
  /** A drive that stayed away for so long is reported; 0 is never. */
  awayDays: z.int().min(0).max(10_000).default(90),
});
export type PlanDraft = z.infer<typeof PlanDraft>;

/** A draft from outside: a field that no plan has is a mistake, not passed over. */
export const PlanInput = z.strictObject(PlanDraft.shape);

/** One thing that a plan does: 'local' (snapshots), or a target by its key. */
export const PlanPart = z.object({
  key: z.string(),
  lastRunAtMs: TimeMs.nullable(),
  lastGoodAtMs: TimeMs.nullable(),
  /** After a failure that may pass: when it is tried again. */
  retryAtMs: TimeMs.nullable(),
  /** How often it has failed in a row. */
  failures: Count,
  /** Due, and why it has not begun: 'drive-away', 'on-battery', 'metered', 'presenting', 'quiet-hours' ... */
  waitsFor: z.string().nullable(),
  error: ErrorModel.nullable(),
});
export type PlanPart = z.infer<typeof PlanPart>;

export const Plan = PlanDraft.extend({
  planId: Id,
  /** 'file': from the administrator's plan file, and changed there only. */
  origin: z.enum(['person', 'file']),
  createdAtMs: TimeMs,
  lastRunId: Id.nullable(),
  lastRunAtMs: TimeMs.nullable(),
  /** Null when it is not enabled, or waits for an event. */
  nextRunAtMs: TimeMs.nullable(),
  parts: z.array(PlanPart),
});
export type Plan = z.infer<typeof Plan>;

/** The part that every plan has: snapshots beside the source. */
export const LOCAL_PART = 'local';

/** What a plan leads to. */
export const PlanOutlook = z.object({
  nextRunsAtMs: z.array(TimeMs),
  /** The points that will be there at `atMs`, were every run to succeed from now on. */
  atMs: TimeMs,
  kept: z.array(RetentionVerdict),
  /** Of the points that are there now, those that will be gone by then. */
  gone: z.array(RetentionVerdict),
});
export type PlanOutlook = z.infer<typeof PlanOutlook>;

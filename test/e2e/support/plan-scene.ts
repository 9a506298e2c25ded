import { LOCAL_PART, type Plan, type PlanDraft } from '../../../shared/model/plan.ts';
import { targetKey } from '../../../shared/model/plan-target.ts';
import type { Retention } from '../../../shared/model/retention.ts';
import { outlookOf } from '../../../main/plan/outlook.ts';
import { formatPlanFile } from '../../../main/plan/file/plan-file.ts';
import type { Answers } from './stand-in.ts';
import { noted, say } from '../../../shared/said.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export interface PlanWorld {
  readonly nowMs: number;
  readonly laptop: string;
  readonly blue: string;
  readonly exfat: string;
}

function rules(part: Partial<Retention>): Retention {
  const none = { latest: 1, hourly: 0, daily: 0, weekly: 0, monthly: 0, yearly: 0 };
  return { ...none, minAgeHours: 0, minFreePercent: 0, ...part };
}

function part(key: string, about: Partial<Plan['parts'][number]> = {}): Plan['parts'][number] {
  const quiet = { lastRunAtMs: null, lastGoodAtMs: null, retryAtMs: null };
  return { key, ...quiet, failures: 0, waitsFor: null, error: null, ...about };
}

/** Three plans: one in order, one that waits and failed, one out of the administrator's file. */
export function examplePlans({ nowMs, laptop, blue, exfat }: PlanWorld): Plan[] {
  const base: PlanDraft = {
    name: 'Home, every hour',
    enabled: true,
    sources: [{ volumeId: laptop, subvolumeId: 257, path: '@home', nested: false }],
    when: [{ every: 'hour', minute: 0 }],
    keepLocal: rules({ hourly: 24, daily: 7 }),
    targets: [
      { kind: 'btrfs', volumeId: blue, folder: '', keep: rules({ daily: 30, monthly: 12 }) },
    ],
    excludes: [],
    conditions: { onAcPower: false, notMetered: false, notPresenting: false, quietHours: null },
    options: { mountDrive: false, ejectDrive: false, adoptOthers: false },
    awayDays: 90,
  };
  const whole = (draft: PlanDraft, about: Partial<Plan>): Plan => ({
    ...draft,
    ...{ planId: 's-1', origin: 'person', createdAtMs: nowMs - 90 * DAY, parts: [] },
    ...{ lastRunId: 'run-1', lastRunAtMs: nowMs - 15 * 60_000, nextRunAtMs: nowMs + 40 * 60_000 },
    ...about,
  });
  const archive = {
    ...{ kind: 'archive' as const, driveId: exfat, folder: 'dendro', level: 9 },
    ...{ keep: rules({ weekly: 8, yearly: 5, minFreePercent: 10 }), recipients: ['age1qyqs'] },
  };
  const nas = {
    ...{ kind: 'ssh' as const, url: 'ssh://anna@nas/srv/backups', configFile: '' },
    ...{ keep: rules({ daily: 60 }), remoteDendro: 'sudo -n dendro', remoteBtrfs: '' },
  };
  return [
    whole(base, {}),
    whole(
      {
        ...base,
        name: 'Photos and System, twice a day and when a drive comes',
        sources: [
          { volumeId: laptop, subvolumeId: 258, path: 'photos', nested: true },
          { volumeId: laptop, subvolumeId: 256, path: '@', nested: false },
        ],
        when: [
          { every: 'calendar', expression: 'Mon..Fri 07,19:00' },
          { every: 'plug-in' },
          { every: 'packages' },
        ],
        keepLocal: rules({ latest: 3, daily: 14, minAgeHours: 48 }),
        targets: [archive, nas],
        excludes: ['.cache/', '*.iso', 'Downloads/**'],
        conditions: {
          ...{ onAcPower: true, notMetered: true, notPresenting: true },
          quietHours: { from: { hour: 22, minute: 30 }, to: { hour: 6, minute: 0 } },
        },
        options: { mountDrive: true, ejectDrive: true, adoptOthers: false },
      },
      {
        planId: 's-2',
        parts: [
          part(LOCAL_PART, { lastGoodAtMs: nowMs - HOUR }),
          part(targetKey(archive), { waitsFor: 'drive-away' }),
          part(targetKey(nas), {
            ...{ failures: 3, retryAtMs: nowMs + 16 * 60_000, lastGoodAtMs: nowMs - 2 * DAY },
            error: {
              ...{ kind: 'Io', code: 'connection-lost', place: {} },
              message: 'The connection to the other machine ended: no route to host.',
              hint: 'Try it with: ssh HOST true. What has arrived is kept; the next run goes on there.',
            },
          }),
        ],
      },
    ),
    whole(
      {
        ...base,
        name: 'Every night, by the administrator',
        when: [{ every: 'day', hour: 2, minute: 15 }],
      },
      { planId: 's-3', origin: 'file' },
    ),
  ];
}

/** Answers about plans, with the retention and the plan file of the service itself. */
export function planAnswers(world: PlanWorld): Answers {
  const plans = examplePlans(world);
  return {
    'plans.list': () => plans,
    'plans.preview': ({ draft, atMs, place }) => {
      const target = draft.targets.find((one) => targetKey(one as never) === place);
      const keep = (target?.keep ?? draft.keepLocal) as Retention;
      const existing = Array.from({ length: 40 }, (_, i) => ({
        takenAtMs: world.nowMs - i * 4 * HOUR,
        ...(i === 3 ? { pins: ['parent-of-next'] } : {}),
        ...(i === 39 ? { pins: ['tagged'] } : {}),
      }));
      return outlookOf(draft.when, keep, world.nowMs, atMs, existing);
    },
    'plans.export': ({ plans: drafts, format }) => ({
      text: formatPlanFile(drafts as PlanDraft[], format),
    }),
    'plans.file': () => ({
      path: '/etc/dendro/plans.toml',
      readAtMs: world.nowMs - 3 * HOUR,
      error: null,
    }),
    'plans.run': () => ({ runId: 'run-1' }),
    'otherTools.plans': () => ({
      drafts: [plans[0]!],
      notes: [
        noted(
          'import-left-out',
          say`Line ${{ line: 12 }}: ${{ option: 'archive_preserve' }} is not taken over.`,
        ),
      ],
    }),
  };
}

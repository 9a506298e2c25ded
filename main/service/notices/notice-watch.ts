import { hostname } from 'node:os';
import { toErrorData } from '../../../shared/errors.ts';
import type { Notice, NoticeWay } from '../../../shared/model/notice.ts';
import { tongueOf } from '../../../shared/text/tell.ts';
import type { History } from '../../history/history.ts';
import { noticeOf } from '../../notify/notice-text.ts';
import { sendNotice } from '../../notify/send-notice.ts';
import { tellings, type Watched } from '../../plan/notices.ts';
import { watchedOf } from './watched.ts';

const LOOK_MS = 60_000;
/** What a computer slept through, or was off for, gets so long to be made up for. */
const CATCH_UP_MS = 5 * LOOK_MS;
const DAY_MS = 86_400_000;

export interface NoticeWatchOptions {
  readonly history: History;
  readonly nowMs: () => number;
  readonly send?: (notice: Notice, way: NoticeWay) => Promise<void>;
  /** Carries a look out that nobody waits for: what goes wrong is tried again at the next one. */
  readonly inBackground: (look: () => Promise<void>) => void;
  /** Tags of this computer's languages, for where the settings leave the language to it. */
  readonly ofSystem: readonly string[];
  /** Told what could not be told: for the log. Never holds a secret. */
  readonly failed: (text: string) => void;
}

/** Looks each minute whether there is something that a person should be told, and tells it. */
export class NoticeWatch {
  readonly #options: NoticeWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  #lookedAtMs: number | undefined;
  #awakeSinceMs = -Infinity;

  constructor(options: NoticeWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#awakeSinceMs = this.#options.nowMs();
    this.#timer = setInterval(() => this.#options.inBackground(() => this.look()), LOOK_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking.catch(() => undefined);
  }

  /** One look. What is to be told is noted first: a crash may lose a notice, never repeat it. */
  look(): Promise<void> {
    this.#looking = this.#looking.catch(() => undefined).then(() => this.#look());
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { history, nowMs } = this.#options;
    const now = nowMs();
    const states = history.notices.list();
    const watched = this.#isCatchingUp(now) ? this.#watched(now).map(patient) : this.#watched(now);
    const before = states.flatMap(({ told }) => told ?? []);
    const { tell, told } = tellings(watched, before, now);
    history.notices.replace(
      watched.map(({ subject, failingSinceMs }) => ({
        subject,
        failingSinceMs,
        told: told.find((one) => one.subject === subject) ?? null,
      })),
    );
    if (tell.length === 0) return;
    const tongue = await tongueOf(history.settings.get().language, this.#options.ofSystem);
    for (const telling of tell) await this.#tell(noticeOf(telling, now, tongue));
  }

  /** A look is missing when the computer slept or its clock was set. */
  #isCatchingUp(nowMs: number): boolean {
    const sinceLookMs = Math.abs(nowMs - (this.#lookedAtMs ?? nowMs));
    if (sinceLookMs > 2 * LOOK_MS) this.#awakeSinceMs = nowMs;
    this.#lookedAtMs = nowMs;
    return Math.abs(nowMs - this.#awakeSinceMs) < CATCH_UP_MS;
  }

  #watched(nowMs: number): Watched[] {
    const { history } = this.#options;
    const names = new Map<string, { readonly name: string; readonly lastSeenAtMs: number }>();
    for (const volume of history.points.volumesSeen()) names.set(volume.volumeId, volume);
    for (const drive of history.drives.list()) names.set(drive.driveId, drive);
    return watchedOf({
      plans: history.plans.list(),
      states: history.notices.list(),
      silenceMs: history.settings.get().silenceDays * DAY_MS,
      drive: (id) => names.get(id),
      nowMs,
    });
  }

  /** One way that fails keeps no other from trying. */
  async #tell(notice: Notice): Promise<void> {
    const { history, failed } = this.#options;
    const { noticeWays, notifyOnFailure } = history.settings.get();
    if (notice.event === 'failure' && !notifyOnFailure) return;
    const send =
      this.#options.send ?? ((one, way) => sendNotice(one, way, { hostName: hostname() }));
    const ways = noticeWays.filter(({ events }) => events.includes(notice.event));
    for (const way of ways) {
      await send(notice, way).catch((error: unknown) => {
        failed(`"${notice.title}" could not be told by ${way.way}: ${toErrorData(error).message}`);
      });
    }
  }
}

/** Nothing was expected of a computer that was not awake: silence is not told yet. */
function patient(watched: Watched): Watched {
  return { ...watched, silenceMs: null };
}

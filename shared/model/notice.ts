import { z } from 'zod';
import { noted } from '../said.ts';
import { PathText } from './basics.ts';
import { because } from './reasons.ts';

/** What a person is told without having asked. */
export const NoticeEvent = z.enum(['failure', 'recovery', 'silence', 'drive-missing']);
export type NoticeEvent = z.infer<typeof NoticeEvent>;

const events = z.array(NoticeEvent).default(['failure', 'recovery', 'silence', 'drive-missing']);

/** A way to tell, and what is told by it. */
export const NoticeWay = z.discriminatedUnion('way', [
  /** A bubble of the desktop session (org.freedesktop.Notifications). */
  z.object({ way: z.literal('desktop'), events }),
  /** Through the computer's own sendmail(8). */
  z.object({
    way: z.literal('mail'),
    events,
    to: z
      .string()
      .max(320)
      .regex(
        /^[^\s@<>,;"]+(@[^\s@<>,;"]+)?$/,
        because(noted('no-mail-address', 'is no mail address or local user')),
      ),
  }),
  /** A program with arguments; the notice comes on standard input as JSON, and in DENDRO_*. */
  z.object({
    way: z.literal('command'),
    events,
    command: z.array(z.string().min(1).max(4_096)).min(1).max(64),
  }),
  /** A POST of the notice as JSON. */
  z.object({
    way: z.literal('webhook'),
    events,
    url: z.url({ protocol: /^https?$/ }).max(2_048),
    /** Goes into the header Authorization. A file, so that no secret stands in the settings. */
    tokenFile: PathText.default(''),
  }),
]);
export type NoticeWay = z.infer<typeof NoticeWay>;

/** One thing to tell. */
export interface Notice {
  readonly event: NoticeEvent;
  /** What it is about, and is told once: 'plan PLAN PART', 'source UUID', 'drive ID'. */
  readonly subject: string;
  readonly title: string;
  readonly text: string;
  readonly atMs: number;
}

/** What was told last about a subject, kept between starts. */
export interface Told {
  readonly subject: string;
  readonly event: NoticeEvent;
  readonly atMs: number;
  /** How often it was told without a recovery in between. */
  readonly times: number;
}

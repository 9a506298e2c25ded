import type { texts as english } from '../en/index.ts';
import type { Translated } from '../shape.ts';
import { activity } from './activity.ts';
import { backup } from './backup.ts';
import { drive } from './drive.ts';
import { drives } from './drives.ts';
import { errors } from './errors.ts';
import { figures } from './figures.ts';
import { home } from './home.ts';
import { planEditor } from './plan-editor.ts';
import { plans } from './plans.ts';
import { heal } from './heal.ts';
import { rescue } from './rescue.ts';
import { restore } from './restore.ts';
import { runs } from './runs.ts';
import { settings } from './settings.ts';
import { shell } from './shell.ts';
import { streams } from './streams.ts';

export { service } from './service/index.ts';

/** Jeder Satz der Seite auf Deutsch: wahr, kurz, ruhig; was, wo, bis wann. */
export const texts: Translated<typeof english> = {
  ...shell,
  ...figures,
  ...home,
  ...runs,
  ...errors,
  ...backup,
  ...restore,
  ...drive,
  ...heal,
  ...rescue,
  ...streams,
  ...drives,
  ...activity,
  ...plans,
  ...planEditor,
  ...settings,
};

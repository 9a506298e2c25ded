import type { ErrorData } from '../../shared/errors.ts';
import type { Run } from '../../shared/model/run.ts';
import { noted, say, type Note } from '../../shared/said.ts';
import { toldNote, toldTodo, toldWhat, type Tongue } from '../../shared/text/tell.ts';

export type DesktopText = ReturnType<typeof desktopText>;

/** What the desktop shows outside the page: the tray, notifications, dialogs. */
export function desktopText(tongue: Tongue) {
  const told = (note: Note): string => toldNote(note, tongue).text;
  const titleOf = ({ title }: Run): string => toldNote(title, tongue).text;
  return {
    open: told(noted('desktop-open', 'Open Dendro')),
    idle: told(noted('desktop-idle', 'Nothing is running')),
    running: (run: Run): string => {
      const { percent } = run.progress;
      const title = titleOf(run);
      return percent === null ? title : `${title}: ${Math.floor(percent)}\u00a0%`;
    },
    paused: (untilMs: number): string => {
      const until = new Date(untilMs).toLocaleString(tongue.locale, {
        timeStyle: 'short',
        dateStyle: 'short',
      });
      return told(noted('desktop-paused', say`Plans are paused until ${{ until }}`));
    },
    pauseHour: told(noted('desktop-pause-hour', 'Pause plans for an hour')),
    pauseDay: told(noted('desktop-pause-day', 'Pause plans until tomorrow')),
    resume: told(noted('desktop-resume', 'Let plans go on')),
    unlock: told(noted('desktop-unlock', 'Unlock drives of this computer…')),
    autostart: told(noted('desktop-autostart', 'Start when I log in')),
    quit: told(noted('desktop-quit', 'Quit Dendro')),
    done: (run: Run): string => told(noted('desktop-done', say`${{ title: titleOf(run) }}: done`)),
    failed: (run: Run): string =>
      told(noted('desktop-failed', say`${{ title: titleOf(run) }}: failed`)),
    serviceLost: told(noted('desktop-service-lost', 'The Dendro service has ended')),
    serviceLostText: told(
      noted(
        'desktop-service-lost-text',
        'What was under way goes on when it is back. Dendro is looking for it.',
      ),
    ),
    serviceBack: told(noted('desktop-service-back', 'The Dendro service is back')),
    pageLost: told(noted('desktop-page-lost', 'The window had to be loaded again')),
    pageLostText: told(
      noted(
        'desktop-page-lost-text',
        'Backups were not touched by that: the service carries them out.',
      ),
    ),
    pageLostAgain: told(noted('desktop-page-lost-again', 'The window fails again and again')),
    quitNow: told(noted('desktop-quit-now', 'Quit')),
    loadAgain: told(noted('desktop-load-again', 'Load again')),
    cannotStart: told(noted('desktop-cannot-start', 'Dendro could not start')),
    what: (error: ErrorData): string => toldWhat(error, tongue),
    todo: (error: ErrorData): string => toldTodo(error, tongue).text,
  };
}

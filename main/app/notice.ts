import { Notification, type NotificationConstructorOptions } from 'electron';

/** Nobody clears away more than so many. */
const KEPT = 50;

/** Electron lets go of one that nothing holds on to, and of what a click on it does with it. */
const shown = new Set<Notification>();

/** Tells something outside the page. */
export function showNotice(options: NotificationConstructorOptions, onClick?: () => void): void {
  const notice = new Notification(options);
  const forget = (): void => void shown.delete(notice);
  notice.on('click', () => {
    forget();
    onClick?.();
  });
  notice.on('close', forget);
  notice.on('failed', forget);
  shown.add(notice);
  if (shown.size > KEPT) shown.delete(shown.values().next().value!);
  notice.show();
}

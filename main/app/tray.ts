import { Menu, Tray, type MenuItemConstructorOptions } from 'electron';
import type { Run } from '../../shared/model/run.ts';
import type { DesktopText } from './text.ts';

const HOUR_MS = 3_600_000;

export interface TrayState {
  readonly running: readonly Run[];
  /** 0: plans are not paused. */
  readonly pausedUntilMs: number;
  readonly isAutostartOn: boolean;
  /** There is a helper to ask for, and nobody has yet. */
  readonly canUnlock: boolean;
}

export interface TrayActs {
  readonly open: () => void;
  readonly pause: (untilMs: number) => void;
  readonly unlock: () => void;
  readonly setAutostart: (isOn: boolean) => void;
  readonly quit: () => void;
}

/** The icon in the panel: what is running, and a pause for the plans. */
export class DesktopTray {
  readonly #tray: Tray;
  readonly #acts: TrayActs;
  /** What is shown now: a menu is only made anew when it says something else. */
  #shown = '';

  constructor(icon: string, acts: TrayActs) {
    this.#tray = new Tray(icon);
    this.#acts = acts;
    this.#tray.on('click', () => acts.open());
  }

  show(state: TrayState, text: DesktopText, nowMs: number): void {
    const template = menuOf(state, text, nowMs, this.#acts);
    const key = JSON.stringify(template);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#tray.setToolTip(`Dendro\n${template[0]!.label}`);
    this.#tray.setContextMenu(Menu.buildFromTemplate(template));
  }

  /** The menu is made anew the next time. */
  forget(): void {
    this.#shown = '';
  }

  destroy(): void {
    this.#tray.destroy();
  }
}

function menuOf(
  { running, pausedUntilMs, isAutostartOn, canUnlock }: TrayState,
  text: DesktopText,
  nowMs: number,
  acts: TrayActs,
): MenuItemConstructorOptions[] {
  const isPaused = pausedUntilMs > nowMs;
  const tomorrow = new Date(nowMs);
  tomorrow.setHours(24, 0, 0, 0);
  const pauses: MenuItemConstructorOptions[] = isPaused
    ? [{ label: text.resume, click: () => acts.pause(0) }]
    : [
        { label: text.pauseHour, click: () => acts.pause(nowMs + HOUR_MS) },
        { label: text.pauseDay, click: () => acts.pause(tomorrow.getTime()) },
      ];
  return [
    { label: stateOf(running, isPaused ? pausedUntilMs : 0, text), enabled: false },
    { type: 'separator' },
    { label: text.open, click: acts.open },
    ...pauses,
    ...(canUnlock ? [{ label: text.unlock, click: acts.unlock }] : []),
    { type: 'separator' },
    {
      label: text.autostart,
      type: 'checkbox',
      checked: isAutostartOn,
      click: (item) => acts.setAutostart(item.checked),
    },
    { label: text.quit, click: acts.quit },
  ];
}

function stateOf(running: readonly Run[], pausedUntilMs: number, text: DesktopText): string {
  if (running.length > 0) {
    return running.map((run) => text.running(run)).join(', ');
  }
  return pausedUntilMs === 0 ? text.idle : text.paused(pausedUntilMs);
}

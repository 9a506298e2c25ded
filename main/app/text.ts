/** What the desktop shows outside the page: the tray, notifications, dialogs. */
const en = {
  open: 'Open Dendro',
  idle: 'Nothing is running',
  running: (title: string, percent: number | null) =>
    percent === null ? title : `${title}: ${Math.floor(percent)} %`,
  paused: (until: string) => `Plans are paused until ${until}`,
  pauseHour: 'Pause plans for an hour',
  pauseDay: 'Pause plans until tomorrow',
  resume: 'Let plans go on',
  unlock: 'Unlock drives of this computer…',
  autostart: 'Start when I log in',
  quit: 'Quit Dendro',
  done: (title: string) => `${title}: done`,
  failed: (title: string) => `${title}: failed`,
  serviceLost: 'The Dendro service has ended',
  serviceLostText: 'What was under way goes on when it is back. Dendro is looking for it.',
  serviceBack: 'The Dendro service is back',
  pageLost: 'The window had to be loaded again',
  pageLostText: 'Backups were not touched by that: the service carries them out.',
  pageLostAgain: 'The window fails again and again',
  quitNow: 'Quit',
  loadAgain: 'Load again',
  cannotStart: 'Dendro could not start',
};

const de: typeof en = {
  open: 'Dendro öffnen',
  idle: 'Es läuft nichts',
  running: (title, percent) => (percent === null ? title : `${title}: ${Math.floor(percent)} %`),
  paused: (until) => `Pläne ruhen bis ${until}`,
  pauseHour: 'Pläne eine Stunde ruhen lassen',
  pauseDay: 'Pläne bis morgen ruhen lassen',
  resume: 'Pläne weiterlaufen lassen',
  unlock: 'Laufwerke dieses Rechners freigeben…',
  autostart: 'Beim Anmelden starten',
  quit: 'Dendro beenden',
  done: (title) => `${title}: fertig`,
  failed: (title) => `${title}: fehlgeschlagen`,
  serviceLost: 'Der Dienst von Dendro hat sich beendet',
  serviceLostText: 'Was im Gange war, geht weiter, sobald er zurück ist. Dendro sucht nach ihm.',
  serviceBack: 'Der Dienst von Dendro ist zurück',
  pageLost: 'Das Fenster musste neu geladen werden',
  pageLostText: 'Sicherungen hat das nicht berührt: Sie macht der Dienst.',
  pageLostAgain: 'Das Fenster stürzt immer wieder ab',
  quitNow: 'Beenden',
  loadAgain: 'Neu laden',
  cannotStart: 'Dendro konnte nicht starten',
};

export type DesktopText = typeof en;

/** By the setting, or the desktop's language where that says `system`; English for all others. */
export function desktopText(setting: string, ofDesktop: string): DesktopText {
  const language = setting === 'system' ? ofDesktop : setting;
  return /^de\b/i.test(language) ? de : en;
}

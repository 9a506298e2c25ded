import {
  IconActivity,
  IconAdjustmentsHorizontal,
  IconCalendarRepeat,
  IconFileStack,
  IconHome,
  IconLifebuoy,
  IconRestore,
  IconServer2,
} from '@tabler/icons-react';
import { useEffect, useRef, type ReactElement, type ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import type { Run } from '../../shared/model/run.ts';
import { useRunsNow } from '../bridge/live.ts';
import { useAsk } from '../bridge/queries.ts';
import { percentOf } from '../format/size.ts';
import { runSentence } from '../model/sentences.ts';
import { t } from '../text/index.ts';
import { useAnnounce } from './announcer.tsx';
import { ConnectionBanner } from './connection-banner.tsx';
import { Rings } from './rings.tsx';
import styles from './shell.module.css';
import { runTitle } from '../model/our-words.ts';

/** In the order of the column; `settings` stands apart, at its end. */
export const places = [
  { to: '/', label: 'nav.home', Icon: IconHome },
  { to: '/restore', label: 'nav.restore', Icon: IconRestore },
  { to: '/plans', label: 'nav.plans', Icon: IconCalendarRepeat },
  { to: '/drives', label: 'nav.drives', Icon: IconServer2 },
  { to: '/activity', label: 'nav.activity', Icon: IconActivity },
  { to: '/streams', label: 'nav.streams', Icon: IconFileStack },
  { to: '/rescue', label: 'nav.rescue', Icon: IconLifebuoy },
] as const;
const settings = {
  to: '/settings',
  label: 'nav.settings',
  Icon: IconAdjustmentsHorizontal,
} as const;

/** One column of navigation, one place for content. */
export function Shell({ children }: { readonly children: ReactNode }): ReactElement {
  const runs = useRunsNow();
  useRunAnnouncements(runs);
  return (
    <div className={styles.shell}>
      <a className="skip" href="#content" onClick={skipToContent}>
        {t('nav.skip')}
      </a>
      <nav className={styles.nav} aria-label={t('nav.label')}>
        <div className={styles.brand}>
          <Rings />
          <span className={styles.word}>{t('app.name')}</span>
        </div>
        <ul className={styles.list}>
          {places.map((place) => (
            <NavItem key={place.to} {...place} />
          ))}
        </ul>
        <RunningNow runs={runs} />
        <ul className={styles.list}>
          <NavItem {...settings} />
        </ul>
        <Whereabouts />
      </nav>
      <main id="content" className={styles.main} tabIndex={-1}>
        <ConnectionBanner />
        {children}
      </main>
    </div>
  );
}

function skipToContent(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.getElementById('content')?.focus();
}

type Place = (typeof places)[number] | typeof settings;

function NavItem({ to, label, Icon }: Place): ReactElement {
  const [location] = useLocation();
  const active = to === '/' ? location === '/' : location.startsWith(to);
  return (
    <li>
      <Link
        href={to}
        className={styles.item}
        title={t(label)}
        aria-current={active ? 'page' : undefined}
      >
        <Icon size={18} stroke={1.7} aria-hidden="true" />
        <span className={styles.word}>{t(label)}</span>
      </Link>
    </li>
  );
}

/** A quiet line on every page while something runs. */
function RunningNow({ runs }: { readonly runs: readonly Run[] }): ReactElement {
  const running = runs.filter((run) => run.state === 'running');
  const run = running[0];
  return (
    <div className={styles.running}>
      {run && (
        <Link href={`/activity/${run.runId}`} className={styles.runningLink}>
          <span className={styles.word}>{t('nav.running', { count: running.length })}</span>
          {run.progress.percent !== null && (
            <span>{t('run.percent', { percent: Math.floor(run.progress.percent) })}</span>
          )}
        </Link>
      )}
    </div>
  );
}

function Whereabouts(): ReactElement {
  const info = useAsk('service.info', {});
  return (
    <p className={styles.where}>
      {info.data
        ? t('nav.where', { host: info.data.hostName, version: info.data.version })
        : '\u00a0'}
    </p>
  );
}

/** Tells those who hear the page when a run begins, passes each quarter, and ends. */
function useRunAnnouncements(runs: readonly Run[]): void {
  const announce = useAnnounce();
  const told = useRef(new Map<string, string>());
  useEffect(() => {
    for (const run of runs) {
      const { bytes, totalBytes } = run.progress;
      const quarter = Math.floor(percentOf(bytes, totalBytes ?? 0) / 25) * 25;
      const stage = run.state === 'running' ? String(quarter) : run.state;
      if (told.current.get(run.runId) === stage) continue;
      told.current.set(run.runId, stage);
      const now =
        run.state === 'running' ? t('run.percent', { percent: quarter }) : runSentence(run).text;
      announce(t('run.announce', { title: runTitle(run), now }));
    }
  }, [runs, announce]);
}

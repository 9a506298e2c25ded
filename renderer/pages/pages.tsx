import { Suspense, useEffect, type ReactElement } from 'react';
import { Route, Switch, useLocation } from 'wouter';
import { useToday } from '../bridge/today.ts';
import { FaultBoundary } from '../parts/fault-boundary.tsx';
import { onDemand } from '../parts/on-demand.tsx';
import { PageWaiting } from '../parts/page-waiting.tsx';
import { BackupForm } from './backup/backup-dialog.tsx';
import { HomePage } from './home/home-page.tsx';

/** All but Home, where a window opens, are fetched when they are first shown, or when it is quiet. */
const Find = onDemand(async () => (await import('./restore/find/find-page.tsx')).FindPage);
const Heal = onDemand(async () => (await import('./restore/heal/heal-page.tsx')).HealPage);
const Restore = onDemand(async () => (await import('./restore/restore-page.tsx')).RestorePage);
const Plans = onDemand(async () => (await import('./plans/plans-page.tsx')).PlansPage);
const Drives = onDemand(async () => (await import('./drives/drives-page.tsx')).DrivesPage);
const Activity = onDemand(async () => (await import('./activity/activity-page.tsx')).ActivityPage);
const Streams = onDemand(async () => (await import('./streams/streams-page.tsx')).StreamsPage);
const Rescue = onDemand(async () => (await import('./rescue/rescue-page.tsx')).RescuePage);
const Settings = onDemand(async () => (await import('./settings/settings-page.tsx')).SettingsPage);

/** In the order in which they are likely to be wanted. */
const LATER = [BackupForm, Restore, Drives, Activity, Plans, Settings, Streams, Rescue, Find, Heal];

/** The page of each address. */
export function Pages(): ReactElement {
  const [address] = useLocation();
  useToday();
  useEffect(fetchWhenQuiet, []);
  return (
    <FaultBoundary shown={address}>
      <Suspense fallback={<PageWaiting />}>
        <Switch>
          <Route path="/restore/find" component={Find.Component} />
          <Route path="/restore/heal/:source">
            {({ source }) => <Heal.Component sourceKey={decoded(source)} />}
          </Route>
          <Route path="/restore/:source?/:point?/:path?">
            {({ source, point, path }) => (
              <Restore.Component
                sourceKey={decoded(source)}
                pointId={decoded(point)}
                path={decoded(path)}
              />
            )}
          </Route>
          <Route path="/plans/:plan?">{({ plan }) => <Plans.Component planId={plan} />}</Route>
          <Route path="/drives/:volume?">
            {({ volume }) => <Drives.Component volumeId={volume} />}
          </Route>
          <Route path="/activity/:run?">{({ run }) => <Activity.Component runId={run} />}</Route>
          <Route path="/streams/:kind?/:path?">
            {({ kind, path }) => <Streams.Component kind={kind} path={decoded(path)} />}
          </Route>
          <Route path="/rescue" component={Rescue.Component} />
          <Route path="/settings" component={Settings.Component} />
          <Route component={HomePage} />
        </Switch>
      </Suspense>
    </FaultBoundary>
  );
}

/** One after the other, each when the page has nothing else to do. Returns what stops it. */
function fetchWhenQuiet(): () => void {
  let handle = 0;
  const next = (i: number): void => {
    const page = LATER[i];
    if (page === undefined) return;
    handle = requestIdleCallback(() => void page.fetch().then(() => next(i + 1)));
  };
  next(0);
  return () => cancelIdleCallback(handle);
}

/** A part of the address as it was before it was made fit for one. */
function decoded(part: string | undefined): string | undefined {
  if (part === undefined) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    // A person may type any address.
    return part;
  }
}

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { Fragment, useEffect, useState, useSyncExternalStore, type ReactElement } from 'react';
import { Route, Router, Switch } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import type { Connection } from './bridge/connection.ts';
import { follow, LiveProvider, LiveRuns } from './bridge/live.ts';
import { ConnectionProvider, createQueries } from './bridge/queries.ts';
import { BackupProvider } from './pages/backup/backup-dialog.tsx';
import { ActivityPage } from './pages/activity/activity-page.tsx';
import { DrivesPage } from './pages/drives/drives-page.tsx';
import { HomePage } from './pages/home/home-page.tsx';
import { PlansPage } from './pages/plans/plans-page.tsx';
import { RescuePage } from './pages/rescue/rescue-page.tsx';
import { FindPage } from './pages/restore/find/find-page.tsx';
import { HealPage } from './pages/restore/heal/heal-page.tsx';
import { RestorePage } from './pages/restore/restore-page.tsx';
import { StreamsPage } from './pages/streams/streams-page.tsx';
import { SettingsPage } from './pages/settings/settings-page.tsx';
import { Announcer } from './parts/announcer.tsx';
import { ShortcutsProvider } from './parts/shortcuts.tsx';
import { Shell } from './parts/shell.tsx';
import { FollowLanguage } from './parts/follow-language.tsx';
import { currentLanguage, onLanguage } from './text/index.ts';
import { theme } from './theme/theme.ts';

export function App({ connection }: { readonly connection: Connection }): ReactElement {
  const [queries] = useState(createQueries);
  const [live] = useState(() => new LiveRuns());
  const language = useSyncExternalStore(onLanguage, currentLanguage);
  useEffect(() => follow(connection, queries, live), [connection, queries, live]);
  return (
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      // Both would write style elements, which the content security policy refuses; the
      // variables come from a file (theme/variables-plugin.ts), the classes are not used.
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queries}>
        <ConnectionProvider value={connection}>
          <LiveProvider value={live}>
            <Announcer>
              <Router hook={useHashLocation}>
                <FollowLanguage />
                {/* Another language draws everything anew. */}
                <Fragment key={language}>
                  <BackupProvider>
                    <ShortcutsProvider>
                      <Shell>
                        <Pages />
                      </Shell>
                    </ShortcutsProvider>
                  </BackupProvider>
                </Fragment>
              </Router>
            </Announcer>
          </LiveProvider>
        </ConnectionProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

function Pages(): ReactElement {
  return (
    <Switch>
      <Route path="/restore/find" component={FindPage} />
      <Route path="/restore/heal/:source">
        {({ source }) => <HealPage sourceKey={decoded(source)} />}
      </Route>
      <Route path="/restore/:source?/:point?/:path?">
        {({ source, point, path }) => (
          <RestorePage sourceKey={decoded(source)} pointId={decoded(point)} path={decoded(path)} />
        )}
      </Route>
      <Route path="/plans/:plan?">{({ plan }) => <PlansPage planId={plan} />}</Route>
      <Route path="/drives/:volume?">{({ volume }) => <DrivesPage volumeId={volume} />}</Route>
      <Route path="/activity/:run?">{({ run }) => <ActivityPage runId={run} />}</Route>
      <Route path="/streams/:kind?/:path?">
        {({ kind, path }) => <StreamsPage kind={kind} path={decoded(path)} />}
      </Route>
      <Route path="/rescue" component={RescuePage} />
      <Route path="/settings" component={SettingsPage} />
      <Route component={HomePage} />
    </Switch>
  );
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

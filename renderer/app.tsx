import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { Fragment, useEffect, useState, useSyncExternalStore, type ReactElement } from 'react';
import { Router } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';
import type { Connection } from './bridge/connection.ts';
import { follow, LiveProvider } from './bridge/live.ts';
import { LiveRuns } from './bridge/live-runs.ts';
import { ConnectionProvider, createQueries } from './bridge/queries.ts';
import { BackupProvider } from './pages/backup/backup-dialog.tsx';
import { Pages } from './pages/pages.tsx';
import { Announcer } from './parts/announcer.tsx';
import { FaultBoundary } from './parts/fault-boundary.tsx';
import { keepFocus } from './parts/focus-keeper.ts';
import { ShortcutsProvider } from './parts/shortcuts.tsx';
import { Shell } from './parts/shell.tsx';
import { FollowLanguage } from './parts/follow-language.tsx';
import { currentLanguage, onLanguage } from './text/index.ts';
import { theme } from './theme/theme.ts';

export function App({ connection }: { readonly connection: Connection }): ReactElement {
  const [queries] = useState(createQueries);
  const [live] = useState(() => new LiveRuns());
  const language = useSyncExternalStore(onLanguage, currentLanguage);
  useEffect(() => keepFocus(document), []);
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
                  <FaultBoundary>
                    <BackupProvider>
                      <ShortcutsProvider>
                        <Shell>
                          <Pages />
                        </Shell>
                      </ShortcutsProvider>
                    </BackupProvider>
                  </FaultBoundary>
                </Fragment>
              </Router>
            </Announcer>
          </LiveProvider>
        </ConnectionProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}

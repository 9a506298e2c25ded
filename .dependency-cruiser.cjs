/**
 * The direction of imports. The engine's arrow is
 *   device -> volume -> tree -> diff -> stream -> sink
 * where a later stage may import an earlier one, never the other way.
 */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^(main|packaging|renderer|shared|test)/', pathNot: allowed },
});
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { path: '^(main|packaging|renderer|shared)/' },
      to: { path: '^test/' },
    },
    only(
      'packaging-reads-the-command-line',
      '^packaging/',
      '^(packaging|main/(cli|app|update)|shared)/',
    ),
    only('shared-stands-alone', '^shared/', '^shared/'),
    {
      name: 'shared-knows-no-platform',
      severity: 'error',
      from: { path: '^shared/' },
      to: {
        path: '(^node:|node_modules/(electron|react|react-dom|better-sqlite3|drizzle-orm|koffi|ws)/)',
        dependencyTypesNot: ['npm-no-pkg'],
      },
    },
    {
      name: 'shared-imports-no-core-module',
      severity: 'error',
      from: { path: '^shared/' },
      to: { dependencyTypes: ['core'] },
    },
    only('renderer-imports-only-shared', '^renderer/', '^(renderer|shared)/'),
    {
      name: 'renderer-imports-no-core-module',
      severity: 'error',
      from: { path: '^renderer/', pathNot: 'vite\\.config\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    only('linux-is-the-ground', '^main/linux/', '^(main/linux|shared)/'),
    only('format', '^main/engine/format/', '^(main/engine/format|main/linux|shared)/'),
    only('device', '^main/engine/device/', '^(main/engine/(format|device)|main/linux|shared)/'),
    only(
      'volume',
      '^main/engine/volume/',
      '^(main/engine/(format|device|volume)|main/linux|shared)/',
    ),
    only('tree', '^main/engine/tree/', '^(main/engine/(format|device|volume|tree)|shared)/'),
    only('diff', '^main/engine/diff/', '^(main/engine/(format|volume|tree|diff)|shared)/'),
    only(
      'stream',
      '^main/engine/stream/',
      '^(main/engine/(format|volume|tree|diff|stream)|shared)/',
    ),
    only(
      'sink',
      '^main/engine/sink/',
      '^(main/engine/(format|spill|stream|sink)|main/linux|shared)/',
    ),
    {
      ...only('engine', '^main/engine/', '^(main/(engine|linux)|shared)/'),
      from: { path: '^main/engine/', pathNot: '^main/engine/index\\.ts$' },
    },
    // The table of verbs names those of archives and places, too: the worker carries them out.
    only(
      'engine-verbs',
      '^main/engine/index\\.ts$',
      '^(main/(engine|linux)/|main/(archive|places)/engine-verbs\\.ts$|shared/)',
    ),
    // What other tools write beside their snapshots tells when imported streams were taken.
    only('archive', '^main/archive/', '^(main/(archive|engine|linux|plan|other-tools)|shared)/'),
    only('places', '^main/places/', '^(main/(places|archive|engine|linux)|shared)/'),
    only('plan-is-pure', '^main/plan/', '^(main/plan|shared)/'),
    only('dbus', '^main/dbus/', '^(main/dbus|shared)/'),
    only('drives', '^main/drives/', '^(main/(drives|dbus|linux|history)|shared)/'),
    only('notify', '^main/notify/', '^(main/(notify|dbus|plan)|shared)/'),
    only('other-tools', '^main/other-tools/', '^(main/(other-tools|linux)|shared)/'),
    only(
      'history',
      '^main/history/',
      '^(main/(history/|linux/(make-folders|stderr)\\.ts)|shared/)',
    ),
    only('catalogue', '^main/catalogue/', '^(main/(catalogue|archive|engine|linux)|shared)/'),
    only('update', '^main/update/', '^(main/(update/|linux/make-folders\\.ts)|shared/)'),
    only('runs', '^main/runs/', '^(main/(runs|engine|linux|plan|history)|shared)/'),
    only(
      'service',
      '^main/service/',
      '^(main/(service|runs|engine|linux|dbus|drives|notify|other-tools|plan|history|catalogue|archive|places|update)|shared)/',
    ),
    only(
      'cli',
      '^main/cli/',
      '^(main/(cli|service|runs|engine|linux|dbus|drives|notify|other-tools|plan|history|catalogue|archive|places|update)|shared)/',
    ),
    {
      name: 'electron-only-in-app',
      severity: 'error',
      from: { pathNot: '^(main/app|test)/' },
      to: { path: 'node_modules/electron/' },
    },
    {
      name: 'sql-only-in-history-and-catalogue',
      severity: 'error',
      from: { path: '^(main|renderer|shared)/', pathNot: '^main/(history|catalogue)/' },
      to: { path: 'node_modules/(better-sqlite3|drizzle-orm)/' },
    },
    {
      name: 'libc-only-in-linux',
      severity: 'error',
      from: { path: '^(main|renderer|shared)/', pathNot: '^main/linux/' },
      to: { path: 'node_modules/koffi/' },
    },
    {
      name: 'd-bus-only-in-dbus',
      severity: 'error',
      from: { path: '^(main|renderer|shared)/', pathNot: '^main/dbus/' },
      to: { path: 'node_modules/dbus-native/', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.json'] },
  },
};

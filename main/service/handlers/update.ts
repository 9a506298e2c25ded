import { shell } from '../command-line.ts';
import { noted } from '../../../shared/said.ts';
import type { Handlers } from './index.ts';

type Names = 'update.get' | 'update.check' | 'update.download';

export const updateHandlers: Pick<Handlers, Names> = {
  'update.get': (_, { updates }) => updates.state(),

  'update.check': (_, { updates }) => updates.check(),

  'update.download': async (_, { runs, updates }) => {
    const { file, newVersion } = await updates.state();
    const { runId } = runs.start(
      {
        kind: 'update',
        title: `Dendro ${newVersion ?? ''}`.trim(),
        steps: ['download'],
        source: null,
        commandLine: shell(['dendro', 'update', '--download']),
      },
      async (run) => {
        run.step('download');
        if (file) run.plan(file.sizeBytes, 0);
        const { ready } = await updates.download((bytes) => {
          run.cancel.check();
          run.progress(bytes, 0, file?.name ?? '');
        });
        const path = ready?.path ?? null;
        return {
          result: { point: null, parent: null, path, commands: 0 },
          detail: noted(
            'update-right',
            'its signature and its checksum are right; nothing was installed',
          ),
        };
      },
    );
    return { runId };
  },
};

import type { Run } from '../../shared/model/run.ts';

export function exampleRun(change: Partial<Run> = {}): Run {
  return {
    runId: 'run-1',
    kind: 'backup',
    state: 'running',
    title: 'Home to Blue Drive',
    startedAtMs: 1_000,
    endedAtMs: null,
    progress: {
      bytes: 10,
      totalBytes: 100,
      files: 1,
      totalFiles: 4,
      percent: 10,
      bytesPerSecond: 5,
      etaMs: 18_000,
      current: 'a/b',
    },
    steps: [
      { name: 'snapshot', state: 'done', startedAtMs: 1_000, endedAtMs: 1_001, detail: '' },
      { name: 'send', state: 'running', startedAtMs: 1_001, endedAtMs: null, detail: '' },
    ],
    error: null,
    notes: [],
    planId: null,
    source: { volumeId: 'v', subvolumeId: 256 },
    result: null,
    commandLine: '',
    canRepeat: false,
    ...change,
  };
}

import type { CommandSink } from './command-sink.ts';

const COMMANDS = [
  ...(['subvol', 'snapshot', 'mkfile', 'mkdir', 'mknod', 'mkfifo', 'mksock', 'symlink'] as const),
  ...(['rename', 'link', 'unlink', 'rmdir', 'setXattr', 'removeXattr', 'write', 'clone'] as const),
  ...(['truncate', 'chmod', 'chown', 'utimes', 'updateExtent', 'encodedWrite'] as const),
  ...(['fallocate', 'fileattr', 'enableVerity', 'end'] as const),
];

/** Each command goes to `first`, then to `second`, which alone is told where a stream resumes. */
export function inTurn(first: CommandSink, second: CommandSink): CommandSink {
  const out: Record<string, unknown> = {};
  for (const name of COMMANDS) {
    const calls = [first, second].map((sink) =>
      (sink[name] as (...args: unknown[]) => void).bind(sink),
    );
    out[name] = (...args: unknown[]) => {
      for (const call of calls) call(...args);
    };
  }
  if (second.resume !== undefined) out['resume'] = second.resume.bind(second);
  return out as unknown as CommandSink;
}

import { denied } from '../../shared/errors.ts';
import { noted, say, type Note } from '../../shared/said.ts';
import type { CallName } from '../../shared/contract/calls.ts';
import { parsePlanFile } from '../plan/file/plan-file.ts';
import type { Service } from './service.ts';

/**
 * A service for somebody who is not root: what names a program or a configuration that root would
 * run is refused, so that the right to back up and restore is not the right to run commands.
 * Such settings are made by root: `dendro` as root, or the plan file in /etc/dendro.
 */
export function withoutPrograms(service: Service): Service {
  return {
    ...service,
    call: async (name: CallName, input: unknown) => {
      const named = programIn(name === 'plans.import' ? [input, plansIn(input)] : input);
      if (named !== undefined) throw notByYou(named);
      return service.call(name, input);
    },
    subscribe: (subscriber) => service.subscribe(subscriber),
    close: () => service.close(),
  };
}

/** Fields that root would run, or take secrets from: notices, ssh. By name, wherever they stand. */
const FIELDS = ['command', 'tokenFile', 'configFile', 'remoteDendro', 'remoteBtrfs'];
const MAX_DEPTH = 16;

function programIn(value: unknown, depth = 0): string | Note | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth > MAX_DEPTH) return noted('nested-deeply', 'what is nested so deeply');
  for (const [key, inner] of Object.entries(value)) {
    const isSet = inner !== '' && inner !== null && inner !== undefined;
    if (isSet && FIELDS.includes(key)) return `"${key}"`;
    const found = programIn(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of a plan file: what it says, not how it is written. What cannot be read is refused later. */
function plansIn(input: unknown): unknown {
  const { text, format, name } = (input ?? {}) as Record<string, unknown>;
  if (typeof text !== 'string' || (format !== 'toml' && format !== 'yaml')) return null;
  try {
    return parsePlanFile(text, format, String(name ?? ''));
  } catch {
    return null;
  }
}

function notByYou(what: string | Note): Error {
  return denied(
    'needs-root',
    say`Only root may set ${{ what }}: the service would run it as root.`,
    {
      hint: 'Set it with dendro as root, or in /etc/dendro/plans.toml.',
    },
  );
}

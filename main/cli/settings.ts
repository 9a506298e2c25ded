import { usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { languages } from '../../shared/text/languages.ts';
import { Settings } from '../../shared/model/service.ts';
import { EXIT } from './exit-codes.ts';
import { didYouMean } from './nearest.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines, table } from './output.ts';
import { withService } from './with-service.ts';

export const command = defineCommand({
  usage: ['settings [--json]', 'settings NAME VALUE'],
  summary: 'what the service and the page are set to; changes one of them',
  details:
    'VALUE is a word or a number, true or false, or JSON as the list shows it: for noticeWays\n' +
    'such as [{"way":"mail","to":"root"}].',
  options: jsonOption,
  arguments: { least: 0, most: 2 },
  run: ({ options, positionals: [name, value] }) => {
    const change = name === undefined ? null : changeOf(name, value);
    return withService(async (client) => {
      const settings =
        change === null
          ? await client.call('settings.get', {})
          : await client.call('settings.set', change);
      if (options.json) printJson(settings);
      else if (change === null) printLines(table(['NAME', 'VALUE'], rowsOf(settings)));
      return EXIT.ok;
    });
  },
});

/** As the computer has it. */
const SYSTEM = 'system';

function rowsOf(settings: Settings): string[][] {
  return Object.entries(settings).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
}

/** @throws Usage 'unknown-setting', 'bad-setting' */
function changeOf(name: string, text: string | undefined): Partial<Settings> {
  const names = Object.keys(Settings.shape);
  if (!names.includes(name)) {
    throw usage('unknown-setting', say`There is no setting "${{ name }}".`, {
      hint: didYouMean(name, names, { otherwise: say`There are: ${{ names: names.join(', ') }}.` }),
    });
  }
  const schema = Settings.shape[name as keyof Settings];
  if (name === 'language' && text !== SYSTEM && !languages.includes(text ?? '')) {
    throw usage('bad-setting', say`"${{ text: text ?? '' }}" is no value for ${{ name }}.`, {
      hint: say`There are: ${{ names: [...languages, SYSTEM].sort().join(', ') }}.`,
    });
  }
  const found = [text, parsed(text)]
    .map((value) => schema.safeParse(value))
    .find(({ success }) => success);
  if (found?.success) return { [name]: found.data };
  throw usage('bad-setting', say`"${{ text: text ?? '' }}" is no value for ${{ name }}.`, {
    hint: 'See what it is now: dendro settings',
  });
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

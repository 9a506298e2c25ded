import type { OptionSpec } from '../../main/cli/options.ts';
import type { CommandPage } from './command-pages.ts';

/** What can stand behind the words of a command line, for each shell the same. */
interface Node {
  /** `archive export`; '' for dendro alone. */
  readonly words: string;
  /** The next word and what it is for. */
  readonly next: readonly (readonly [word: string, help: string])[];
  readonly options: readonly (readonly [spelling: string, spec: OptionSpec])[];
}

export function bashCompletion(pages: readonly CommandPage[]): string {
  const cases = nodesOf(pages).map(({ words, next, options }) => {
    const takingValue = options.filter(([, { type }]) => type === 'string');
    return [
      `    '${words}')`,
      `      next='${next.map(([word]) => word).join(' ')}'`,
      `      options='${[...options.map(([spelling]) => spelling), '--help'].join(' ')}'`,
      `      valued=' ${takingValue.map(([spelling]) => spelling).join(' ')} ' ;;`,
    ].join('\n');
  });
  const names = nodesOf(pages).map(({ words }) => `'${words}'`);
  return `# bash completion for dendro(1), made from its own table of commands
_dendro() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local words='' word joined next options valued i
  # The longest beginning of the line that is a command.
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    joined="\${words:+$words }$word"
    case "$joined" in
    ${names.slice(1).join(' | ')}) words=$joined ;;
    *) break ;;
    esac
  done
  case "$words" in
${cases.join('\n')}
  esac
  COMPREPLY=()
  [[ $valued == *" $previous "* ]] && { compopt -o default; return; }
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
  elif ((i == COMP_CWORD)) && [[ -n $next ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$next" -- "$current")
    ((\${#COMPREPLY[@]})) || compopt -o default
  else
    compopt -o default
  fi
}
complete -F _dendro dendro
`;
}

export function fishCompletion(pages: readonly CommandPage[]): string {
  const lines = nodesOf(pages).flatMap((node) => {
    const when = `-n '__dendro_at ${node.words === '' ? '""' : `"${node.words}"`}'`;
    return [
      ...node.next.map(([word, help]) => `complete -c dendro ${when} -a ${word} -d ${fish(help)}`),
      ...node.options.map(([spelling, spec]) => fishOption(node, spelling, spec)),
    ];
  });
  return `# fish completion for dendro(1), made from its own table of commands
function __dendro_words
    set -l words (commandline -opc)[2..]
    string join ' ' -- (string match -rv '^-' -- $words)
end
function __dendro_at
    set -l words (__dendro_words)
    test "$words" = "$argv[1]"
end
function __dendro_in
    set -l words (__dendro_words)
    string match -q -- "$argv[1]" "$words"; or string match -q -- "$argv[1] *" "$words"
end
complete -c dendro -n '__dendro_at ""' -f
complete -c dendro -l help -d 'prints help'
${lines.join('\n')}
`;
}

function fishOption({ words }: Node, spelling: string, { type, help }: OptionSpec): string {
  const form = spelling.startsWith('--') ? `-l ${spelling.slice(2)}` : `-o ${spelling.slice(1)}`;
  const value = type === 'string' ? ' -r' : '';
  return `complete -c dendro -n '__dendro_in "${words}"' ${form}${value} -d ${fish(help)}`;
}

export function zshCompletion(pages: readonly CommandPage[]): string {
  const cases = nodesOf(pages).map(({ words, next, options }) => {
    const specs = options.map(([spelling, spec]) => zshOption(spelling, spec));
    const described = next.map(([word, help]) => zsh(`${word}:${help.replaceAll(':', '\\:')}`));
    return [
      `    '${words}')`,
      `      next=(${described.join(' ')})`,
      `      options=(${[...specs, zsh('--help[prints help]')].join(' ')}) ;;`,
    ].join('\n');
  });
  const names = nodesOf(pages).map(({ words }) => `'${words}'`);
  return `#compdef dendro
# zsh completion for dendro(1), made from its own table of commands
_dendro() {
  local -a next options
  local at='' joined i
  for ((i = 2; i < CURRENT; i++)); do
    joined="\${at:+$at }$words[i]"
    case "$joined" in
    ${names.slice(1).join(' | ')}) at=$joined ;;
    *) break ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  if ((i == CURRENT && \${#next})) && [[ $words[CURRENT] != -* ]]; then
    _describe 'command' next && return
  fi
  words=(dendro "\${(@)words[i,-1]}")
  ((CURRENT -= i - 2))
  _arguments -s -S "\${options[@]}" '*:place:_files'
}
_dendro "$@"
`;
}

function zshOption(spelling: string, { type, value, multiple, help }: OptionSpec): string {
  const many = multiple === true ? '*' : '';
  const text = help.replaceAll(/[[\]\\:]/g, (letter) => `\\${letter}`);
  const argument = type === 'string' ? `:${(value ?? 'value').toLowerCase()}:_files` : '';
  return zsh(`${many}${spelling}[${text}]${argument}`);
}

function nodesOf(pages: readonly CommandPage[]): Node[] {
  const groups = new Map<string, [string, string][]>();
  const first: [string, string][] = [];
  for (const { name, command } of pages) {
    const [word, second] = name.split(' ') as [string, string?];
    if (second === undefined) first.push([word, command.summary]);
    else {
      if (!groups.has(word)) first.push([word, `commands: ${word} …`]);
      groups.set(word, [...(groups.get(word) ?? []), [second, command.summary]]);
    }
  }
  return [
    { words: '', next: first, options: [] },
    ...[...groups].map(([words, next]) => ({ words, next, options: [] })),
    ...pages.map(({ name, command, actions }) => ({
      words: name,
      next: actions.map((action) => [action, `dendro ${name} ${action}`] as const),
      options: Object.entries(command.options).flatMap(([long, spec]) => spelled(long, spec)),
    })),
  ];
}

function spelled(long: string, spec: OptionSpec): [string, OptionSpec][] {
  const names = [spec.short && `-${spec.short}`, long.length > 1 ? `--${long}` : `-${long}`];
  return [...new Set(names.filter((name) => name !== undefined))].map((name) => [name, spec]);
}

/** A word in single quotes, as POSIX shells and zsh take it. */
function zsh(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** fish(1), Quotes: inside single ones only \\ and \' are escapes. */
function fish(text: string): string {
  return `'${text.replaceAll(/[\\']/g, (letter) => `\\${letter}`)}'`;
}

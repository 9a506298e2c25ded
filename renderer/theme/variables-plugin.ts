import { defaultCssVariablesResolver, mergeMantineTheme, DEFAULT_THEME } from '@mantine/core';
import type { Plugin } from 'vite';
import { resolveVariables, theme } from './theme.ts';

const ID = 'virtual:theme-variables.css';

type Variables = Record<string, string>;

/**
 * Mantine writes its theme's variables into a style element at run time; the content security
 * policy allows style sheets from files only. So they are computed here, when the page is built.
 */
export function themeVariables(): Plugin {
  return {
    name: 'theme-variables',
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load: (id) => (id === `\0${ID}` ? themeCss() : undefined),
  };
}

export function themeCss(): string {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  const base = defaultCssVariablesResolver(merged);
  const own = resolveVariables(merged);
  return [
    block(':root', { ...base.variables, ...own.variables }),
    block(":root[data-mantine-color-scheme='light']", {
      '--mantine-color-scheme': 'light',
      ...base.light,
      ...own.light,
    }),
    block(":root[data-mantine-color-scheme='dark']", {
      '--mantine-color-scheme': 'dark',
      ...base.dark,
      ...own.dark,
    }),
  ].join('\n');
}

function block(selector: string, variables: Variables): string {
  const lines = Object.entries(variables).map(([name, value]) => `  ${name}: ${value};`);
  return `${selector} {\n${lines.join('\n')}\n}\n`;
}

import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type VariantColorsResolver,
} from '@mantine/core';
import { palette } from './palette.ts';

const quick = { duration: 160, transition: 'fade' } as const;

/** Filled controls take their colours from the page's variables, which know both themes. */
const resolveColors: VariantColorsResolver = (input) => {
  if (input.variant !== 'filled') return defaultVariantColorsResolver(input);
  const cedar = input.color === 'cedar';
  return {
    background: cedar ? 'var(--cedar)' : 'var(--accent)',
    hover: cedar ? 'var(--cedar-hover)' : 'var(--accent-hover)',
    color: cedar ? 'var(--on-cedar)' : 'var(--on-accent)',
    border: '1px solid transparent',
  };
};

export const theme = createTheme({
  variantColorResolver: resolveColors,
  // Mantine's own neutrals (borders, skeletons, what is disabled) are paper and bark as well.
  colors: { ...palette, gray: palette.bark },
  primaryColor: 'walnut',
  primaryShade: { light: 7, dark: 2 },
  autoContrast: true,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '20px', md: '22px', lg: '24px', xl: '28px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '2px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  respectReducedMotion: true,
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '15px', lineHeight: '22px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  components: {
    // lockScroll would add a style element at run time, which the content security policy refuses.
    Modal: {
      defaultProps: {
        lockScroll: false,
        transitionProps: quick,
        centered: true,
        radius: 'md',
        padding: 24,
      },
    },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: quick } },
    Menu: { defaultProps: { transitionProps: quick } },
    Select: {
      defaultProps: { comboboxProps: { transitionProps: quick }, checkIconPosition: 'right' },
    },
    Checkbox: { defaultProps: { iconColor: 'var(--on-accent)' } },
    Radio: { defaultProps: { iconColor: 'var(--on-accent)' } },
    Button: { defaultProps: { size: 'sm' } },
  },
});

/** What the page's own style sheets use: surfaces, lines, ink, and the four meanings. */
export const resolveVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#faf8f3',
    '--mantine-color-text': '#2a231c',
    '--mantine-color-dimmed': '#6b6154',
    '--mantine-color-placeholder': '#6b6154',
    '--mantine-color-default': '#fffdf9',
    '--mantine-color-default-hover': '#f3efe6',
    '--mantine-color-default-border': '#cfc5b3',
    '--mantine-color-error': '#943826',
    '--surface': '#fffdf9',
    '--sunk': '#f1ece2',
    '--hover': '#f0eade',
    '--chosen': '#e8dfcf',
    '--line': '#e3dccd',
    '--line-strong': '#8f8474',
    '--ink': '#2a231c',
    '--ink-2': '#574d41',
    '--ink-3': '#6b6154',
    '--accent': '#5f3a1c',
    '--accent-soft': '#ecdcc7',
    '--accent-hover': '#4a2d16',
    '--on-accent': '#fffdf9',
    '--cedar-hover': '#762b1d',
    '--on-cedar': '#fffdf9',
    '--moss': '#476324',
    '--moss-soft': '#e6eed6',
    '--amber': '#7d5003',
    '--amber-soft': '#faebc8',
    '--cedar': '#943826',
    '--cedar-soft': '#f9e4dc',
    '--slate': '#4b5e6d',
    '--slate-soft': '#e3e9ed',
    '--band-here': '#cba273',
    '--band-both': '#774a24',
    '--band-away': '#8296a4',
    '--band-bed': '#efe8da',
    '--focus': '#2f62a8',
    '--shadow': '0 12px 40px rgb(58 44 28 / 18%)',
  },
  dark: {
    '--mantine-color-body': '#191613',
    '--mantine-color-text': '#ece6db',
    '--mantine-color-dimmed': '#aaa192',
    '--mantine-color-placeholder': '#a89f90',
    '--mantine-color-default': '#25201b',
    '--mantine-color-default-hover': '#2f2923',
    '--mantine-color-default-border': '#4c443a',
    '--mantine-color-error': '#ec9f8b',
    '--surface': '#211d18',
    '--sunk': '#141210',
    '--hover': '#2a2520',
    '--chosen': '#372f27',
    '--line': '#332d26',
    '--line-strong': '#7d7467',
    '--ink': '#ece6db',
    '--ink-2': '#c9c1b3',
    '--ink-3': '#aaa192',
    '--accent': '#dcc09b',
    '--accent-soft': '#40301f',
    '--accent-hover': '#ecdcc7',
    '--on-accent': '#241a10',
    '--cedar-hover': '#f6dbd2',
    '--on-cedar': '#2b120c',
    '--moss': '#a9c47a',
    '--moss-soft': '#28301b',
    '--amber': '#e8b854',
    '--amber-soft': '#3a2d12',
    '--cedar': '#ec9f8b',
    '--cedar-soft': '#43221a',
    '--slate': '#a3b5c2',
    '--slate-soft': '#262e34',
    '--band-here': '#8a6238',
    '--band-both': '#dcb98c',
    '--band-away': '#647a8a',
    '--band-bed': '#100e0c',
    '--focus': '#8fb7ef',
    '--shadow': '0 12px 40px rgb(0 0 0 / 55%)',
  },
});

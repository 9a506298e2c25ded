const ZSH = 'out/manual/completions/_dendro';

/**
 * Where the files lie that tell the system of Dendro: [source below the top, target]. The same
 * table serves the headless package and electron-builder.yml (a test compares them).
 */
export const SYSTEM_FILES: readonly (readonly [source: string, target: string])[] = [
  ['packaging/systemd/dendro.service', 'usr/lib/systemd/system/dendro.service'],
  [
    'packaging/polkit/io.github.dendro.policy',
    'usr/share/polkit-1/actions/io.github.dendro.policy',
  ],
  ['packaging/udev/70-dendro.rules', 'usr/lib/udev/rules.d/70-dendro.rules'],
  ['packaging/desktop/io.github.dendro.mime.xml', 'usr/share/mime/packages/io.github.dendro.xml'],
  ['out/manual/completions/dendro.bash', 'usr/share/bash-completion/completions/dendro'],
  ['out/manual/completions/dendro.fish', 'usr/share/fish/vendor_completions.d/dendro.fish'],
];

/** Where Debian's zsh looks, and where that of the others does. */
export const ZSH_DEBIAN = [ZSH, 'usr/share/zsh/vendor-completions/_dendro'] as const;
export const ZSH_ELSEWHERE = [ZSH, 'usr/share/zsh/site-functions/_dendro'] as const;

/** Of one package manager each, in the packages for it only. */
export const APT_HOOK = ['packaging/hooks/apt.conf', 'etc/apt/apt.conf.d/80-dendro'] as const;
export const DNF_HOOK = [
  'packaging/hooks/dnf5.actions',
  'etc/dnf/libdnf5-plugins/actions.d/dendro.actions',
] as const;

/**
 * The languages of this computer, the liked ones first, as BCP 47 has them: `de-AT` of
 * LANG=de_AT.UTF-8. None where it speaks none (C, POSIX). LC_ALL goes before LC_MESSAGES and that
 * before LANG (locale(7)); LANGUAGE, a list, before all of them (gettext's manual, 2.3).
 */
export function systemLanguages(environment: NodeJS.ProcessEnv): string[] {
  const { LANGUAGE, LC_ALL, LC_MESSAGES, LANG } = environment;
  const main = tagOf(LC_ALL || LC_MESSAGES || LANG || '');
  if (main === undefined) return [];
  const liked = (LANGUAGE ?? '').split(':').flatMap((name) => tagOf(name) ?? []);
  return [...liked, main];
}

/** `sr-RS` of sr_RS.UTF-8@latin. */
function tagOf(name: string): string | undefined {
  const bare = /^[A-Za-z]{2,3}(_[A-Za-z0-9]+)?(?=$|[.@])/.exec(name)?.[0];
  return bare?.replace('_', '-');
}

import { useEffect } from 'react';
import { useAsk } from '../bridge/queries.ts';
import { speak } from '../text/index.ts';

/** Speaks the language that the settings name, also when another window changes them. */
export function FollowLanguage(): null {
  const { data } = useAsk('settings.get', {});
  const language = data?.language;
  useEffect(() => {
    if (language !== undefined) void speak(language);
  }, [language]);
  return null;
}

const FORGET_TYPED_MS = 800;

/** Collects letters typed in quick succession into one beginning of a name. */
export function newTypedText(): (letter: string) => string {
  let typed = { text: '', at: 0 };
  return (letter) => {
    const now = Date.now();
    const text = now - typed.at < FORGET_TYPED_MS ? typed.text + letter : letter;
    typed = { text: folded(text), at: now };
    return typed.text;
  };
}

export function beginsWith(name: string, typed: string): boolean {
  return folded(name).startsWith(typed);
}

/** A name may hold é as one character, or as two, however it is typed. */
function folded(text: string): string {
  return text.normalize().toLowerCase();
}

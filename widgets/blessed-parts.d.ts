/**
 * Of blessed's forty widgets two are used; its index would load them all and take 15 ms of the way to the first frame.
 * What a box and a screen are, the types of that index say: `widgets/terminal.ts` takes them for it.
 */
declare module 'blessed/lib/widgets/box.js' {
  const Box: new (options: object) => unknown;
  export = Box;
}

declare module 'blessed/lib/widgets/screen.js' {
  const Screen: new (options: object) => unknown;
  export = Screen;
}

declare module 'blessed/lib/tput.js' {
  import type { TerminfoReader } from './terminfo.ts';

  const Tput: TerminfoReader;
  export = Tput;
}

declare module 'blessed/lib/unicode.js' {
  const unicode: { charWidth: (text: string | number, index?: number) => number };
  export = unicode;
}

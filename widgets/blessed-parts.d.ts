/**
 * otop uses two of blessed's forty widgets. Its index would load all of them and delay the first frame by 15 ms.
 * `widgets/terminal.ts` casts them to the types of that index.
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
  const Tput: { readonly ipaths: unknown[] };
  export = Tput;
}

declare module 'blessed/lib/unicode.js' {
  const unicode: { charWidth: (text: string | number, index?: number) => number };
  export = unicode;
}

declare const displayText: unique symbol;

/** Text that holds nothing but printable characters of known width: the only text that widgets and reports accept. */
export type DisplayText = string & { readonly [displayText]: true };

// What the build puts in.

declare const __DESKLINE_VERSION__: string;

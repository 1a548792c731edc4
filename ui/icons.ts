// The icons: Lucide's, compiled into components by the build (`~icons/lucide/bell`), each of one piece: there are dozens in a window, and a
// conversation is not open before they are drawn. Used by every configuration that compiles components.
import Icons from "unplugin-icons/vite";

export const icons = () =>
  Icons({
    compiler: "svelte",
    iconCustomizer: (_collection, _icon, attributes) => {
      // What an icon means is said beside it.
      attributes["aria-hidden"] = "true";
    },
  });

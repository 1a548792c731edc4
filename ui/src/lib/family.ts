// What kind of thing a file is, by its MIME type: for its icon and, where it has no name, what it is called.

import FileIcon from "~icons/lucide/file";
import ImageIcon from "~icons/lucide/image";
import MusicIcon from "~icons/lucide/music";
import VideoIcon from "~icons/lucide/video";

const icons = { image: ImageIcon, video: VideoIcon, audio: MusicIcon, file: FileIcon };

export type Family = keyof typeof icons;

export function familyOf(contentType: string | null): Family {
  const family = contentType?.split("/")[0];
  return family === "image" || family === "video" || family === "audio" ? family : "file";
}

export const iconOf = (family: Family) => icons[family];

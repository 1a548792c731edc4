// Ids that are made in the window, for what is shown before the engine has kept it.

import { v7 } from "uuid";
import type { MessageId } from "@/bindings/MessageId";

/** Version 7 of RFC 9562: ids that are made one after the other lie side by side in the engine's files. `now` is milliseconds since 1970. */
export const newMessageId = (now: number): MessageId => v7({ msecs: now });

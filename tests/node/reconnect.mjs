// Socket.IO's own client while its server is replaced: it comes back by itself, joins again, and hears what happens from then on.
//
// Started by crates/server/tests/it/interop.rs, which replaces the server once this script has said `joined`. Each line on stdout is a step.

import assert from "node:assert/strict";
import { io } from "socket.io-client";

const setting = (name) => process.env[name] ?? assert.fail(`${name} is not set; this script is started by cargo test -p deskline-server`);
const [url, token, workspace] = ["DESKLINE_URLS", "DESKLINE_TOKEN", "DESKLINE_WORKSPACE"].map(setting);
const transports = setting("DESKLINE_TRANSPORTS").split(",");

const socket = io(url, { auth: { token }, transports, reconnectionDelay: 50, reconnectionDelayMax: 200 });
let connections = 0;
socket.on("connect", async () => {
  connections += 1;
  const ack = await socket.timeout(15_000).emitWithAck("join_workspace", workspace);
  assert.equal(ack.ok, true);
  console.log(connections === 1 ? "joined" : "joined again");
});
socket.on("disconnect", (reason) => console.log(`disconnected: ${reason}`));
socket.on("new_message", ({ message }) => {
  console.log(`heard: ${message.content}`);
  if (message.content === "the end") process.exit(0);
});
setTimeout(() => {
  console.error(`the end was never heard over ${transports}; connected ${connections} times`);
  process.exit(1);
}, 30_000);

// Socket.IO's own client against our server: what a web dashboard does.
//
// Started by crates/server/tests/it/interop.rs, once for each transport, with everything that it needs in the environment.
// Ends with code 0 when every promise of the contract was kept, and with the first one that was not otherwise.

import assert from "node:assert/strict";
import { io } from "socket.io-client";

const setting = (name) => process.env[name] ?? assert.fail(`${name} is not set; this script is started by cargo test -p deskline-server`);
const urls = setting("DESKLINE_URLS").split(",");
const token = setting("DESKLINE_TOKEN");
const workspace = setting("DESKLINE_WORKSPACE");
const stranger = setting("DESKLINE_OTHER_WORKSPACE");
const contact = setting("DESKLINE_CONTACT");
const control = setting("DESKLINE_SIMULATOR_CONTROL");
const from = setting("DESKLINE_FROM");
const to = setting("DESKLINE_TO");
const transports = setting("DESKLINE_TRANSPORTS").split(",");

const open = (url, auth) => io(url, { auth, transports, forceNew: true, reconnection: false });

/** The next event of that name for which `isIt` holds. Listens from the moment it is called. */
const next = (socket, name, isIt = () => true) =>
  new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`${name} never came over ${transports}`)), 15_000);
    const hear = (payload) => {
      if (!isIt(payload)) return;
      clearTimeout(late);
      socket.off(name, hear);
      resolve(payload);
    };
    socket.on(name, hear);
  });

const connected = async (url) => {
  const socket = open(url, { token });
  await next(socket, "connect");
  return socket;
};

const receive = async (body) => {
  const answer = await fetch(new URL("/simulator/receive", control), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ from, to, body }),
  });
  assert.ok(answer.ok, `the simulator answered ${answer.status}`);
};

for (const [auth, message] of [
  [{}, "Authentication error: Token required"],
  [{ token: "" }, "Authentication error: Token required"],
  [{ token: "nonsense" }, "Authentication error: Invalid token"],
]) {
  const refused = open(urls[0], auth);
  assert.equal((await next(refused, "connect_error")).message, message);
  refused.close();
}

const [dashboard, colleague] = [await connected(urls[0]), await connected(urls.at(-1))];
const all = [];
dashboard.onAny((name, payload) => all.push([name, payload]));

const refusal = await dashboard.timeout(15_000).emitWithAck("join_workspace", stranger);
assert.equal(refusal.ok, false);
assert.equal((await dashboard.timeout(15_000).emitWithAck("join_workspace", workspace)).ok, true);
assert.equal((await colleague.timeout(15_000).emitWithAck("join_workspace", workspace)).ok, true);

const text = `שלום 😀 over ${transports}`;
const heard = [dashboard, colleague].map((socket) => next(socket, "new_message", ({ message }) => message.content === text));
await receive(text);
for (const { message, contact: whom, contactId } of await Promise.all(heard)) {
  assert.equal(message.direction, "inbound");
  assert.equal(message.status, "delivered");
  assert.equal(message.workspace_id, workspace);
  assert.equal(whom.phone, from);
  assert.equal(whom.phone_number, from);
  assert.equal(contactId, whom.id);
  assert.match(message.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
}

const reply = `a reply over ${transports}`;
const [sent, elsewhere, ticked] = [
  next(dashboard, "message_sent"),
  next(colleague, "new_message", ({ message }) => message.content === reply),
  next(dashboard, "message_updated", ({ message }) => message.content === reply && message.status === "delivered"),
];
const ack = await dashboard.timeout(15_000).emitWithAck("send_message", { workspaceId: workspace, contactId: contact, message: reply });
assert.equal(ack.success, true);
assert.match(ack.twilioSid, /^SM[0-9a-f]{32}$/);
assert.deepEqual(await sent, ack);
assert.equal((await elsewhere).message.id, ack.message.id);
await ticked;
assert.ok(!all.some(([name, payload]) => name === "new_message" && payload.message.content === reply), "the sender hears message_sent alone");

const error = next(dashboard, "message_error");
dashboard.emit("send_message", { workspaceId: workspace });
assert.equal((await error).error, "Failed to send message");
for (const wrong of [null, 7, "text", [], { deep: [{ er: {} }] }]) {
  assert.equal((await dashboard.timeout(15_000).emitWithAck("send_message", wrong)).error, "Failed to send message");
}
dashboard.emit("send_message");
dashboard.emit("join_workspace", new Uint8Array([1, 2, 3]));
assert.equal((await dashboard.timeout(15_000).emitWithAck("join_workspace", workspace)).ok, true, "the socket goes on");

dashboard.close();
colleague.close();
console.log(`kept every promise over ${transports}`);

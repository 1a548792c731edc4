// A simulator of its own for each test of twilio-sdk.test.mjs, Twilio's own library as its client, and a server that it reports to.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import twilio from "twilio";

const PROGRAM =
  process.env.DESKLINE_SIMULATOR ?? fileURLToPath(new URL("../../target/debug/deskline-simulator", import.meta.url));

export const ACCOUNT = `AC${"0123456789abcdef".repeat(2)}`;
export const TOKEN = "a token that only this test knows";
export const NUMBERS = ["+15550001111", "+15550002222"];
export const SERVICE = `MG${"f".repeat(32)}`;

/** Twilio's own HTTP client, sent to the simulator instead of api.twilio.com. */
class Redirected extends twilio.RequestClient {
  constructor(origin) {
    // A connection for each request: one that was kept would be cut by an outage, where a new one is refused.
    super({ keepAlive: false });
    this.origin = origin;
  }

  request(options) {
    const { hostname, pathname, search } = new URL(options.uri);
    if (hostname !== "api.twilio.com") throw new Error(`the library asked ${hostname}, which is not Twilio's API`);
    return super.request({ ...options, uri: `${this.origin}${pathname}${search}` });
  }
}

/** A server that remembers every form it is posted, and answers as Deskline does. */
class Receiver {
  #forms = [];
  #waiting = [];

  static async start() {
    const receiver = new Receiver();
    receiver.server = createServer((request, response) => receiver.#take(request, response));
    receiver.server.listen(0, "127.0.0.1");
    await once(receiver.server, "listening");
    receiver.origin = `http://127.0.0.1:${receiver.server.address().port}`;
    return receiver;
  }

  async #take(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = new URLSearchParams(Buffer.concat(chunks).toString("utf8"));
    this.#forms.push({
      url: this.origin + request.url,
      signature: request.headers["x-twilio-signature"],
      params: Object.fromEntries(body),
    });
    response.writeHead(200, { "content-type": "text/xml" });
    response.end('<?xml version="1.0" encoding="UTF-8"?><Response></Response>');
    this.#waiting = this.#waiting.filter((wait) => !wait());
  }

  /** The first `count` forms, once they are there. */
  forms(count) {
    return new Promise((resolve) => {
      const wait = () => {
        const there = this.#forms.length >= count;
        if (there) resolve(this.#forms.slice(0, count));
        return there;
      };
      if (!wait()) this.#waiting.push(wait);
    });
  }

  async stop() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}

/** Starts a simulator and a receiver; both end with the test. */
export async function start(test) {
  const receiver = await Receiver.start();
  test.after(() => receiver.stop());
  const settings = ["--listen", "127.0.0.1:0", "--webhook", `${receiver.origin}/twilio/webhook`, "--account-sid", ACCOUNT];
  settings.push("--numbers", `${NUMBERS[0]}=Front desk,${NUMBERS[1]}=Workshop`, "--messaging-services", SERVICE);
  settings.push("--pace", "0", "0", "--seed", "7");
  const child = spawn(PROGRAM, ["serve", ...settings], {
    env: { ...process.env, DESKLINE_SIMULATOR_AUTH_TOKEN: TOKEN },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  test.after(async () => {
    child.kill();
    await ended;
  });
  const failed = once(child, "error").then(([error]) => {
    throw new Error(`${PROGRAM} does not start; build it with "cargo build -p deskline-simulator"`, { cause: error });
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), failed]);
  const ready = JSON.parse(line);

  return {
    ready,
    receiver,
    /** Twilio's library, with the account's token or with other credentials. */
    client: (username = ACCOUNT, secret = TOKEN) =>
      twilio(username, secret, { accountSid: ACCOUNT, httpClient: new Redirected(ready.url.replace(/\/$/, "")) }),
    /** The simulator's control API. */
    control: async (method, path, body) => {
      const response = await fetch(new URL(`/simulator/${path}`, ready.controlUrl), {
        method,
        headers: { "content-type": "application/json" },
        body: body && JSON.stringify(body),
      });
      if (!response.ok) throw new Error(`the simulator refused ${path}: ${response.status} ${await response.text()}`);
      return response.status === 204 ? undefined : response.json();
    },
  };
}

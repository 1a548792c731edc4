// Webhooks and status callbacks signed by Twilio's own library, posted to our server.
//
// Started by crates/server/tests/it/interop.rs, which looks at what was stored afterwards.

import assert from "node:assert/strict";
import twilio from "twilio";

const setting = (name) => process.env[name] ?? assert.fail(`${name} is not set; this script is started by cargo test -p deskline-server`);
const [url, account, token] = ["DESKLINE_URLS", "DESKLINE_ACCOUNT", "DESKLINE_AUTH_TOKEN"].map(setting);
const [from, to, message] = ["DESKLINE_FROM", "DESKLINE_TO", "DESKLINE_MESSAGE"].map(setting);
const [messageSid] = ["DESKLINE_MESSAGE_SID"].map(setting);

const post = (path, params, key = token) =>
  fetch(url + path, {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
      "x-twilio-signature": twilio.getExpectedTwilioSignature(key, url + path, params),
    },
    body: new URLSearchParams(params),
  });

const text = {
  ToCountry: "US", ToState: "", SmsMessageSid: `SM${"1".repeat(32)}`, NumMedia: "0", ToCity: "", FromZip: "94103",
  SmsSid: `SM${"1".repeat(32)}`, SmsStatus: "received", Body: "Grüße & 50% = 'ok' + 😀\nzweite Zeile", To: to, NumSegments: "1",
  MessageSid: `SM${"1".repeat(32)}`, AccountSid: account, From: from, ApiVersion: "2010-04-01", "Odd Name[]": "a+b c",
};

for (const expected of ["stored", "repeated"]) {
  const answer = await post("/twilio/webhook", text);
  assert.equal(answer.status, 200, `${expected}: ${answer.status}`);
  assert.match(answer.headers.get("content-type"), /^text\/xml/);
  const twiml = await answer.text();
  assert.match(twiml, /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*<Response\s*(\/>|><\/Response>)$/);
}
const withQuery = { ...text, MessageSid: `SM${"2".repeat(32)}`, Body: "with a query" };
assert.equal((await post("/twilio/webhook?team=1&x=%2B", withQuery)).status, 200);

for (const forged of [await post("/twilio/webhook", { ...text, MessageSid: `SM${"3".repeat(32)}` }, "another token")]) {
  assert.equal(forged.status, 403);
  assert.equal((await forged.json()).error, "Invalid signature");
}

const status = { AccountSid: account, MessageSid: messageSid, SmsSid: messageSid, MessageStatus: "delivered", SmsStatus: "delivered", From: to, To: from };
const delivered = await post(`/twilio/status?message=${message}`, status);
assert.ok([200, 204].includes(delivered.status), `the callback was answered ${delivered.status}`);
const late = await post(`/twilio/status?message=${message}`, { ...status, MessageStatus: "sent", SmsStatus: "sent" });
assert.ok([200, 204].includes(late.status));
assert.equal((await post("/twilio/status", status, "another token")).status, 403);
console.log("Twilio's own signatures are taken");

// The simulator, as Twilio's own Node library sees it: a client that we did not write, and a verifier of signatures that we did not write.

import assert from "node:assert/strict";
import { test } from "node:test";

import twilio from "twilio";

import { ACCOUNT, NUMBERS, SERVICE, TOKEN, start } from "./twilio-sdk-world.mjs";

const ANN = "+14155550101";

const isSigned = (form) => twilio.validateRequest(TOKEN, form.signature, form.url, form.params);

/** What the library throws when Twilio says no. */
const refusal = (code, status) => (error) => {
  assert.equal(error.constructor.name, "RestException");
  assert.deepEqual([error.code, error.status], [code, status]);
  assert.equal(error.moreInfo, `https://www.twilio.com/docs/errors/${code}`);
  assert.ok(error.message.length > 0);
  return true;
};

test("a text is created, fetched, listed, redacted and removed", async (t) => {
  const { client } = await start(t);
  const { messages } = client();

  const created = await messages.create({ to: ANN, from: NUMBERS[0], body: "Grüße & 50% 👋" });
  const fetched = await messages(created.sid).fetch();

  assert.match(created.sid, /^SM[0-9a-f]{32}$/);
  assert.equal(created.status, "queued");
  assert.equal(created.direction, "outbound-api");
  assert.equal(created.accountSid, ACCOUNT);
  assert.ok(created.dateCreated instanceof Date && !Number.isNaN(created.dateCreated.getTime()));
  assert.deepEqual([fetched.sid, fetched.body, fetched.to, fetched.from], [created.sid, "Grüße & 50% 👋", ANN, NUMBERS[0]]);
  assert.deepEqual([fetched.numMedia, fetched.numSegments, fetched.errorCode], ["0", "1", null]);
  assert.deepEqual((await messages.list()).map(({ sid }) => sid), [created.sid]);

  assert.equal((await messages(created.sid).update({ body: "" })).body, "");
  assert.equal(await messages(created.sid).remove(), true);
  await assert.rejects(messages(created.sid).fetch(), refusal(20404, 404));
});

test("lists are paged, newest first, and filtered by number and date", async (t) => {
  const { client, control } = await start(t);
  const { messages } = client();
  for (let n = 0; n < 7; n += 1) await messages.create({ to: ANN, from: NUMBERS[n % 2], body: String(n) });
  await control("POST", "settled");

  const bodies = async (conditions) => (await messages.list(conditions)).map(({ body }) => body);
  assert.deepEqual(await bodies({ pageSize: 3 }), ["6", "5", "4", "3", "2", "1", "0"]);
  assert.deepEqual(await bodies({ pageSize: 2, limit: 3 }), ["6", "5", "4"]);
  assert.deepEqual(await bodies({ from: NUMBERS[1], pageSize: 2 }), ["5", "3", "1"]);
  assert.deepEqual(await bodies({ to: "+14155550102" }), []);

  const day = 24 * 60 * 60 * 1000;
  const now = Date.now();
  assert.equal((await bodies({ dateSentAfter: new Date(now - day), dateSentBefore: new Date(now + day) })).length, 7);
  assert.equal((await bodies({ dateSentAfter: new Date(now + day) })).length, 0);

  const first = await messages.page({ pageSize: 4 });
  const second = await first.nextPage();
  assert.deepEqual([first.instances.length, second.instances.length, second.nextPage()], [4, 3, undefined]);
});

test("a text through a Messaging Service gets one of its numbers", async (t) => {
  const { client } = await start(t);

  const created = await client().messages.create({ to: ANN, messagingServiceSid: SERVICE, body: "Hi" });

  assert.deepEqual([created.status, created.messagingServiceSid], ["accepted", SERVICE]);
  assert.ok(NUMBERS.includes(created.from));
});

test("the account, its numbers and its keys are there", async (t) => {
  const { client } = await start(t);
  const api = client().api.v2010.accounts(ACCOUNT);

  const account = await api.fetch();
  assert.deepEqual([account.sid, account.status, account.type], [ACCOUNT, "active", "Full"]);
  const numbers = await client().incomingPhoneNumbers.list();
  assert.deepEqual(numbers.map(({ phoneNumber, friendlyName }) => [phoneNumber, friendlyName]), [
    [NUMBERS[0], "Front desk"],
    [NUMBERS[1], "Workshop"],
  ]);
  assert.deepEqual(numbers[0].capabilities, { voice: true, sms: true, mms: true, fax: false });
  const [found] = await client().incomingPhoneNumbers.list({ phoneNumber: NUMBERS[1] });
  assert.equal((await client().incomingPhoneNumbers(found.sid).update({ friendlyName: "Yard" })).friendlyName, "Yard");

  const key = await client().newKeys.create({ friendlyName: "Ann's desktop" });
  assert.match(key.sid, /^SK[0-9a-f]{32}$/);
  const withKey = client(key.sid, key.secret);
  await withKey.messages.create({ to: ANN, from: NUMBERS[0], body: "with a key" });
  await assert.rejects(withKey.keys.list(), refusal(20003, 401), "a key must not see keys");
  assert.deepEqual((await client().keys.list()).map(({ friendlyName }) => friendlyName), ["Ann's desktop"]);
  assert.equal(await client().keys(key.sid).remove(), true);
  await assert.rejects(withKey.messages.list(), refusal(20003, 401), "a key that was taken back must open nothing");
});

test("refusals are errors with Twilio's code and status", async (t) => {
  const { client, control } = await start(t);
  const send = (message) => client().messages.create({ to: ANN, from: NUMBERS[0], body: "Hi", ...message });

  await assert.rejects(client(ACCOUNT, "wrong").messages.list(), refusal(20003, 401));
  await assert.rejects(send({ body: "x".repeat(1601) }), refusal(21617, 400));
  await assert.rejects(send({ from: "+15559998888" }), refusal(21606, 400));
  await assert.rejects(send({ from: undefined }), refusal(21603, 400));
  await assert.rejects(send({ to: "nobody" }), refusal(21211, 400));
  await assert.rejects(send({ body: undefined }), refusal(21602, 400));
  await control("POST", "receive", { from: ANN, to: NUMBERS[0], body: "Stop" });
  await assert.rejects(send({}), refusal(21610, 400));
  await control("POST", "receive", { from: ANN, to: NUMBERS[0], body: "start" });
  await send({});
});

test("faults reach the library as the failures they stand for", async (t) => {
  const { client, control } = await start(t);
  const send = () => client().messages.create({ to: ANN, from: NUMBERS[0], body: "Hi" });

  await control("POST", "faults", { kind: "rateLimit", retryAfter: 2 });
  await assert.rejects(send(), refusal(20429, 429));
  await control("POST", "faults", { kind: "serverError" });
  await assert.rejects(send(), refusal(20500, 500));
  await control("POST", "faults", { kind: "refuseWith", code: 21611 });
  await assert.rejects(send(), refusal(21611, 429));
  assert.equal((await control("GET", "sent")).length, 0);

  await control("POST", "faults", { kind: "acceptAndDropAnswer" });
  await assert.rejects(send(), /socket hang up|ECONNRESET/);
  assert.equal((await client().messages.list({ to: ANN })).length, 1, "the text was taken, and can be found");

  await control("POST", "unreachable", {});
  await assert.rejects(send(), /ECONNREFUSED/);
  await control("DELETE", "unreachable");
  await send();
});

test("a webhook verifies with Twilio's own library, and a forged one does not", async (t) => {
  const { control, receiver } = await start(t);
  const body = "שלום 👋 & = + % \n ü";

  const delivery = await control("POST", "receive", { from: ANN, to: NUMBERS[0], body });
  await control("POST", "receive", { from: ANN, to: NUMBERS[0], body, signed: false });
  const [signed, unsigned] = await receiver.forms(2);

  assert.equal(delivery.answer.status, 200);
  assert.ok(isSigned(signed));
  assert.equal(signed.params.Body, body);
  assert.deepEqual([signed.params.From, signed.params.To, signed.params.AccountSid], [ANN, NUMBERS[0], ACCOUNT]);
  assert.equal(signed.params.MessageSid, delivery.sid);
  assert.ok(!isSigned({ ...signed, params: { ...signed.params, Body: "something else" } }));
  assert.ok(!isSigned({ ...signed, url: `${signed.url}?more=1` }));
  assert.ok(!isSigned(unsigned));
});

test("the files of a text are listed, and their webhook verifies", async (t) => {
  const { client, control, receiver } = await start(t);
  const media = [{ contentType: "text/vcard", text: "BEGIN:VCARD" }];

  const { sid } = await control("POST", "receive", { from: ANN, to: NUMBERS[0], media });
  const [form] = await receiver.forms(1);

  assert.ok(isSigned(form));
  assert.match(sid, /^MM[0-9a-f]{32}$/);
  const [file] = await client().messages(sid).media.list();
  assert.deepEqual([file.contentType, file.parentSid], ["text/vcard", sid]);
  assert.ok(form.params.MediaUrl0.endsWith(`/Messages/${sid}/Media/${file.sid}`));
});

test("status callbacks verify over the whole URL, and say what became of the text", async (t) => {
  const { client, control, receiver } = await start(t);
  const statusCallback = `${receiver.origin}/twilio/status?message=0191&note=caf%C3%A9%20it%27s`;
  await control("POST", "callbacks", { plan: "failing", code: 30007 });

  const created = await client().messages.create({ to: ANN, from: NUMBERS[0], body: "Hi", statusCallback });
  const forms = await receiver.forms(3);

  assert.deepEqual(forms.map(({ params }) => params.MessageStatus), ["queued", "sent", "undelivered"]);
  for (const form of forms) {
    assert.equal(form.url, statusCallback);
    assert.ok(isSigned(form));
    assert.ok(!isSigned({ ...form, url: form.url.replace("0191", "0192") }));
    assert.equal(form.params.MessageSid, created.sid);
    assert.equal(form.params.SmsStatus, form.params.MessageStatus);
  }
  assert.equal(forms[2].params.ErrorCode, "30007");
  await control("POST", "settled");
  const fetched = await client().messages(created.sid).fetch();
  assert.deepEqual([fetched.status, fetched.errorCode], ["undelivered", 30007]);
});

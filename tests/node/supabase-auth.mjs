// Supabase's own client signing in at our server, as it would against a Supabase project.
//
// Started by crates/server/tests/it/interop.rs with an agent's e-mail address and password in the environment.

import assert from "node:assert/strict";
import { AuthClient } from "@supabase/auth-js";

const setting = (name) => process.env[name] ?? assert.fail(`${name} is not set; this script is started by cargo test -p deskline-server`);
const urls = setting("DESKLINE_URLS").split(",");
const [email, password] = ["DESKLINE_EMAIL", "DESKLINE_PASSWORD"].map(setting);

const client = (url = urls[0]) =>
  new AuthClient({ url: `${url}/auth/v1`, headers: { apikey: "anon" }, autoRefreshToken: false, persistSession: false });

const refused = ({ error, data }) => {
  assert.equal(data.session, null);
  assert.deepEqual([error.name, error.status, error.code, error.message], ["AuthApiError", 400, "invalid_credentials", "Invalid login credentials"]);
};

refused(await client().signInWithPassword({ email, password: "a guess" }));
refused(await client().refreshSession({ refresh_token: "never given out" }));

const { data: first, error } = await client().signInWithPassword({ email, password });
assert.equal(error, null);
assert.equal(first.user.email, email);
assert.equal(first.session.token_type, "bearer");
assert.ok(first.session.expires_at > Date.now() / 1_000 + 3_000);
const claims = JSON.parse(Buffer.from(first.session.access_token.split(".")[1], "base64url"));
assert.deepEqual([claims.sub, claims.aud, claims.role], [first.user.id, "authenticated", "authenticated"]);

// Two windows refresh at the same moment, and one of the answers might get lost: both are one session.
const old = { refresh_token: first.session.refresh_token };
const [one, other] = await Promise.all([client().refreshSession(old), client(urls.at(-1)).refreshSession(old)]);
assert.deepEqual([one.error, other.error], [null, null]);
assert.equal(one.data.session.refresh_token, other.data.session.refresh_token);
assert.notEqual(one.data.session.refresh_token, old.refresh_token);

const answer = await fetch(`${urls[0]}/session`, { headers: { authorization: `Bearer ${other.data.session.access_token}` } });
assert.equal((await answer.json()).user.id, first.user.id);

const next = await client().refreshSession({ refresh_token: one.data.session.refresh_token });
assert.equal(next.error, null);
refused(await client().refreshSession(old));
refused(await client().refreshSession({ refresh_token: next.data.session.refresh_token }));

const leaving = client();
const { data: last } = await leaving.signInWithPassword({ email, password });
assert.equal((await leaving.signOut()).error, null);
refused(await client().refreshSession({ refresh_token: last.session.refresh_token }));
console.log("signed in as at Supabase");

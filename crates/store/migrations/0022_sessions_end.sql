-- A sign-in that ends (signed out, another password, a stolen refresh token) is told to every server process, so that sockets end with it, which
-- know no password. Goes over a channel whose name is known to nobody who works directly. Whoever did not listen looks when it listens again.
create function session_ended() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('deskline_sessions_' || f.whisper, new.family::text) from public.feeds f;
  return null;
end
$$;
revoke execute on function session_ended() from public;

create trigger refresh_tokens_ended after update of revoked_at on refresh_tokens
  for each row when (old.revoked_at is null and new.revoked_at is not null) execute function session_ended();

-- Whoever may not work directly anywhere any more loses the login roles in the transaction that ends it, whoever writes that: from its end on
-- they show nothing, and nobody comes in with them. Connections that are open are cut by the next server that looks.
create function direct_member_gone() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  role name;
begin
  for role in
    select r.role_name from public.direct_roles r
    where r.user_id = old.user_id and r.ended_at is null
      and not exists (select from public.direct_members d where d.user_id = old.user_id)
    order by r.role_name
  loop
    update public.direct_roles set ended_at = clock_timestamp() where role_name = role;
    begin
      execute format('alter role %I nologin', role);
    exception
      -- Another role than the tables' owner has made it, or somebody else is ending it at this moment: a membership ends all the same.
      when others then null;
    end;
  end loop;
  return null;
end
$$;
revoke execute on function direct_member_gone() from public;

create trigger direct_members_gone after delete on direct_members for each row execute function direct_member_gone();

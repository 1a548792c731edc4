//! Fills the database of the first run: the workspace and its agents with the server's own commands, the contacts and their
//! histories with plain SQL, as another program that shares the database would.

use anyhow::{Context, Result};
use postgres::Client;
use serde_json::{Value, json};

use super::{
    histories::{Contact, Histories, When},
    place::Place,
    system::System,
};
use crate::{process, say::say};

/// Makes the team, unless a run before has.
pub(super) fn once(place: &Place, histories: &Histories, system: &System) -> Result<()> {
    let note = place.path("team");
    if let Ok(workspace) = std::fs::read_to_string(&note) {
        return system.connect_twilio(place, &workspace);
    }
    let printed = process::answer(system.admin(place).args(["workspace", "add", "--name", &histories.workspace]));
    let workspace = printed.context("`deskline-server workspace add` failed")?;
    for agent in &histories.agents {
        let mut command = system.admin(place);
        command.args(["agent", "add", "--email", &agent.email, "--password-stdin"]);
        command.args(["--workspace", &workspace, "--role", &agent.role]);
        let name = format!("adding {}", agent.name);
        process::run_with_input(&name, &mut command, &place.log("admin"), &place.notes.password)?;
    }
    system.connect_twilio(place, &workspace)?;
    let texts = insert(&mut system.database()?, histories, &workspace)?;
    std::fs::write(note, &workspace)?;
    say!(
        "{}: {} agents, {} contacts, {texts} texts",
        histories.workspace,
        histories.agents.len(),
        histories.contacts.len()
    );
    Ok(())
}

/// Inserts contacts and texts in one transaction each, and answers how many texts there are.
fn insert(client: &mut Client, histories: &Histories, workspace: &str) -> Result<u64> {
    let mut transaction = client.transaction()?;
    let contacts: Vec<Value> = histories.contacts.iter().map(contact).collect();
    transaction.execute(CONTACTS, &[&workspace, &Value::from(contacts).to_string()])?;
    let texts: Vec<Value> = histories.contacts.iter().flat_map(texts).collect();
    let emails: serde_json::Map<String, Value> =
        histories.agents.iter().map(|agent| (agent.key.clone(), json!(agent.email))).collect();
    let count = transaction.execute(
        TEXTS,
        &[&workspace, &histories.number, &Value::from(texts).to_string(), &Value::from(emails).to_string()],
    )?;
    transaction.commit()?;
    Ok(count)
}

const CONTACTS: &str = "
    insert into contacts (workspace_id, name, phone, unread_count, conversation_status, created_at)
    select $1::text::uuid, name, phone, unread, status, now() - interval '60 days'
    from jsonb_to_recordset($2::text::jsonb) as c (name text, phone text, unread integer, status text)";

const TEXTS: &str = "
    insert into livechatmessages
      (workspace_id, contact_id, content, direction, status, message_type, from_number, to_number, error_code, error_message,
       sent_by, created_at)
    select $1::text::uuid, c.id, t.text, t.direction, t.status, 'text',
           case t.direction when 'inbound' then c.phone else $2 end,
           case t.direction when 'inbound' then $2 else c.phone end,
           t.code, t.why, a.id,
           coalesce(now() - make_interval(mins => t.minutes),
                    date_trunc('day', now()) - make_interval(days => t.days) + t.time)
             + t.place * interval '1 millisecond'
    from jsonb_to_recordset($3::text::jsonb)
         as t (phone text, place integer, text text, direction text, status text, code integer, why text, author text,
               minutes integer, days integer, time interval)
    join contacts c on c.workspace_id = $1::text::uuid and c.phone = t.phone
    left join agents a on a.email = $4::text::jsonb ->> t.author
    order by t.place";

fn contact(contact: &Contact) -> Value {
    json!({
        "name": contact.name,
        "phone": contact.phone,
        "unread": contact.unread,
        "status": contact.status.as_deref().unwrap_or("Open"),
    })
}

fn texts(contact: &Contact) -> Vec<Value> {
    contact
        .thread
        .iter()
        .enumerate()
        .map(|(place, text)| {
            let inbound = text.from == "them";
            let mut value = json!({
                "phone": contact.phone,
                "place": place,
                "text": text.text,
                "direction": if inbound { "inbound" } else { "outbound" },
                "status": text.status.as_deref().unwrap_or("delivered"),
                "code": text.code,
                "why": text.why,
                "author": if inbound { None } else { Some(&text.from) },
            });
            match When::parse(&text.at) {
                Some(When::Minutes(minutes)) => value["minutes"] = json!(minutes),
                Some(When::Day { days, time }) => {
                    value["days"] = json!(days);
                    value["time"] = json!(time);
                }
                None => {}
            }
            value
        })
        .collect()
}

//! The feed: whoever follows `GET /sync` from the beginning, at either server, gets every row exactly once.

use std::collections::HashMap;

use deskline_domain::{change::ChangePage, ids::FeedId};
use uuid::Uuid;

use super::{Row, differs, of_team};
use crate::{plan::TEAMS, world::World};

pub(super) async fn check(world: &World, rows: &[Row]) -> Vec<String> {
    let mut findings = Vec::new();
    let feeds: Vec<Uuid> =
        sqlx::query_scalar("select id from feeds").fetch_all(&world.database).await.expect("the feed can be read");
    findings.extend(differs(&feeds, &vec![world.feed], || "the feed's id".to_owned()));
    for team in 0..TEAMS {
        let contacts: Vec<(Uuid, i64)> = sqlx::query_as(
            "select c.id, coalesce(f.seq, 0) from contacts c
             left join changes f on f.workspace_id = c.workspace_id and f.entity = 'contact' and f.entity_id = c.id
             where c.workspace_id = $1",
        )
        .bind(world.teams[team].workspace.0)
        .fetch_all(&world.database)
        .await
        .expect("contacts can be read");
        let mut expected: HashMap<Uuid, i64> = of_team(world, team, rows).map(|row| (row.id, row.seq)).collect();
        expected.extend(contacts);
        for which in 0..2 {
            let (found, wrong) = follow(world, team, which).await;
            findings.extend(wrong);
            let missing = expected.iter().filter(|(id, seq)| found.get(id) != Some(seq)).count();
            findings.extend(differs(&(missing, found.len()), &(0, expected.len()), || {
                format!("rows that server {which} leaves out of team {team}'s feed, and rows in it")
            }));
        }
    }
    findings
}

/// Reads a feed to its head, page by page: each row's number.
async fn follow(world: &World, team: usize, which: usize) -> (HashMap<Uuid, i64>, Vec<String>) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let (mut found, mut findings, mut after) = (HashMap::new(), Vec::new(), 0);
    loop {
        let request =
            http.get(format!("{}/sync", world.servers.url(which))).bearer_auth(&world.teams[team].bearer).query(&[
                ("workspaceId", world.teams[team].workspace.to_string()),
                ("feed", FeedId(world.feed).to_string()),
                ("after", after.to_string()),
                ("limit", "1000".to_owned()),
            ]);
        let answer = request.send().await.expect("the server answers").error_for_status().expect("and has the page");
        let page: ChangePage = answer.json().await.expect("which can be read");
        for change in &page.changes {
            if change.seq <= after {
                findings.push(format!("number {} comes after {after} in team {team}'s feed", change.seq));
            }
            after = change.seq;
            match change.entity.as_str() {
                "contact" | "message" if change.row.is_some() => {
                    if found.insert(change.id, change.seq).is_some() {
                        findings.push(format!("{} {} is twice in team {team}'s feed", change.entity, change.id));
                    }
                }
                // A long run lives to see the servers compare themselves with Twilio.
                "member" | "audit" => {}
                _ => findings.push(format!("team {team}'s feed has something that nobody made: {change:?}")),
            }
        }
        findings.extend(differs(&page.up_to, &after, || format!("the end of a page of team {team}'s feed")));
        if !page.has_more() {
            return (found, findings);
        }
    }
}

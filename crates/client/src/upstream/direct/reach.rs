//! Getting into the team's Postgres, and what is in the way, in plain words.
//!
//! Asked by [`super::Direct`] when a round begins, and for the words of every failure. Never tries anything unprotected by itself: how Postgres
//! is spoken to stands in the credentials.

use deskline_store::{Error, SchemaState, Store, Trouble};

use super::super::answer::in_words;

/// How the schema stands. Where the certificate is signed by nobody that is known, the authorities of the network settings are tried, one after
/// the other; and a pool that only says that it has waited is asked why.
pub(super) async fn schema(store: &Store, authorities: &[String]) -> Result<SchemaState, Error> {
    let mut answer = store.schema().await;
    for authority in authorities {
        if !matches!(&answer, Err(error) if error.trouble() == Some(Trouble::UnknownAuthority)) {
            break;
        }
        store.trust(authority);
        answer = store.schema().await;
    }
    match answer {
        Err(error) if error.trouble() == Some(Trouble::Away) => Err(store.reach().await.err().unwrap_or(error)),
        answer => answer,
    }
}

/// What the agent, or an admin whom the agent asks, can do about it. `None` where the database answered, and the answer is about what was
/// asked.
pub(super) fn why(error: &Error) -> Option<String> {
    match error.trouble() {
        Some(Trouble::Away) => Some(format!("the team's database: {}", in_words(error))),
        Some(trouble) => words(trouble).map(str::to_owned),
        None => error.is_unavailable().then(|| format!("the team's database: {}", in_words(error))),
    }
}

const fn words(trouble: Trouble) -> Option<&'static str> {
    Some(match trouble {
        Trouble::Away => "the team's database does not answer",
        Trouble::TooManyConnections => "the team's database has no connection to spare. It is tried again",
        Trouble::TooSlow => "the team's database took too long, and gave up. It is tried again",
        Trouble::ReadOnly => "the team's database takes no changes at the moment",
        Trouble::BadAddress => "the address of the team's database cannot be read",
        Trouble::NotPostgres => "something else than the team's database answers at its address",
        Trouble::NoTls => "the team's database offers no protected connection (TLS), and no other one is made",
        Trouble::UnknownAuthority => {
            "the certificate of the team's database is signed by nobody whom this computer trusts. An admin can name the authority at \
             the server (DESKLINE_DIRECT_DATABASE_CA), or its file goes into the network settings"
        }
        Trouble::WrongName => {
            "the certificate of the team's database is for another name than its address. An admin has to mend one of the two"
        }
        Trouble::Expired => {
            "the certificate of the team's database has run out. An admin has to renew it; if it is new, this computer's clock is wrong"
        }
        Trouble::NotYetValid => {
            "the certificate of the team's database is not valid yet. This computer's clock may be wrong"
        }
        Trouble::Pooler => {
            "a pooler stands before the team's database that lends each connection to many. An admin has to name an address where it does not (session \
             mode)"
        }
        Trouble::BadTls => "no protected connection (TLS) to the team's database can be made",
        Trouble::NotLetIn => {
            "the team's database lets nobody in from this network in this way. An admin can allow it in its pg_hba.conf"
        }
        Trouble::LoginRefused => "the team's database does not take this agent's login",
        Trouble::NoDatabase => "the team's database is not where it was. An admin has to mend its address",
        Trouble::OlderSchema => "the team's database is older than this Deskline",
        Trouble::NewerSchema => "this Deskline is older than the team's database and has to be updated",
        // Postgres is there, and means what was asked.
        Trouble::NoRight => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_has_a_sentence_that_can_stand_in_another_one() {
        use Trouble::{
            Away, BadAddress, BadTls, Expired, LoginRefused, NewerSchema, NoDatabase, NoTls, NotLetIn, NotPostgres,
            NotYetValid, OlderSchema, Pooler, ReadOnly, TooManyConnections, TooSlow, UnknownAuthority, WrongName,
        };
        let all = [
            Away,
            BadAddress,
            BadTls,
            Expired,
            LoginRefused,
            NewerSchema,
            NoDatabase,
            NoTls,
            NotLetIn,
            NotPostgres,
            NotYetValid,
            OlderSchema,
            Pooler,
            ReadOnly,
            TooManyConnections,
            TooSlow,
            UnknownAuthority,
            WrongName,
        ];

        let told: std::collections::HashSet<&str> = all.iter().filter_map(|trouble| words(*trouble)).collect();

        assert_eq!(told.len(), all.len(), "each its own");
        assert!(told.iter().all(|said| !said.ends_with('.')), "{told:?}");
    }
}

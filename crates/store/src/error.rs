//! What can go wrong between us and Postgres.
//!
//! Expected refusals (no such contact, opted out, …) are not in here: they are part of the answers of the verbs.
//! Messages quote no text of a conversation and no secret.

use sqlx::postgres::PgDatabaseError;

use crate::seal::KeyError;

/// This crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Postgres refused, or cannot be reached: see [`Error::is_unavailable`].
    #[error("the database failed")]
    Database(#[from] sqlx::Error),
    /// The schema cannot be brought up to date.
    #[error("the database cannot be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row does not have the form it should have.
    #[error("a row of {table} cannot be read")]
    BadRow {
        /// Which table.
        table: &'static str,
        /// What is wrong with it. May quote a value: not a source, so that no chain of errors that is logged has it.
        reason: serde_json::Error,
    },
    /// A cell holds a word that this program does not know.
    #[error("{table}.{column} holds something that this version does not know")]
    BadCell {
        /// Which table.
        table: &'static str,
        /// Which column.
        column: &'static str,
    },
    /// A stored secret cannot be opened.
    #[error("a stored secret cannot be opened")]
    Key(#[from] KeyError),
    /// A snapshot token that we did not make.
    #[error("this snapshot token is not one of ours; start over with \"start\"")]
    BadToken,
    /// Another agent has this e-mail address.
    #[error("there is already an agent with this e-mail address")]
    EmailTaken,
    /// No such workspace.
    #[error("there is no such workspace")]
    UnknownWorkspace,
    /// The id that a new text was given belongs to another one.
    #[error("the id of this text belongs to another one; make a new id and try again")]
    IdTaken,
    /// No such message.
    #[error("there is no such message")]
    UnknownMessage,
}

/// What stands between us and the database, as far as somebody can do something about it. Every one has a sentence where it is told: to
/// whoever runs the server in `deskline-server`'s `database`, to agents in the client's `upstream/direct/words`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing answers.
    Away,
    /// It has no connection to spare, for anybody or for this user.
    TooManyConnections,
    /// An answer took longer than the user may wait.
    TooSlow,
    /// It takes no changes.
    ReadOnly,
    /// The address cannot be read.
    BadAddress,
    /// What answers speaks another language than Postgres.
    NotPostgres,
    /// It speaks no TLS, and we do not speak without.
    NoTls,
    /// Nobody whom this machine trusts has signed its certificate.
    UnknownAuthority,
    /// Its certificate is for another name than its address.
    WrongName,
    /// Its certificate has run out.
    Expired,
    /// Its certificate is not valid yet, or this machine's clock is slow.
    NotYetValid,
    /// TLS fails for another reason.
    BadTls,
    /// It lets nobody in from here, or not in this way: without TLS, most of the time.
    NotLetIn,
    /// It does not take the user or the password.
    LoginRefused,
    /// A pooler is in between whose connections are another one of Postgres's with each transaction: what was prepared on one is not there, or somebody
    /// else's.
    Pooler,
    /// The server has no database of this name.
    NoDatabase,
    /// The user lacks a right.
    NoRight,
    /// Tables or columns are missing.
    OlderSchema,
    /// It was migrated by a newer program.
    NewerSchema,
}

impl Error {
    /// What is in the way, if it is one of these.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        use sqlx::migrate::MigrateError;

        let error = match self {
            Self::Database(error) => error,
            Self::Migrate(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => error,
            Self::Migrate(MigrateError::VersionMissing(_)) => return Some(Trouble::NewerSchema),
            _ => return None,
        };
        match error {
            sqlx::Error::Configuration(_) => Some(Trouble::BadAddress),
            sqlx::Error::Tls(error) => Some(of_tls(&error.to_string())),
            sqlx::Error::Protocol(said) if said.contains("SSLRequest") => Some(Trouble::NotPostgres),
            sqlx::Error::Database(error) => {
                let routine = error.try_downcast_ref::<PgDatabaseError>().and_then(PgDatabaseError::routine);
                of_code(&error.code()?, routine, error.message())
            }
            error => unavailable(error).then_some(Trouble::Away),
        }
    }

    /// Whether the database was out of reach or overloaded, so that the same call may succeed later.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Database(error) => unavailable(error),
            Self::Migrate(sqlx::migrate::MigrateError::Execute(error)) => unavailable(error),
            _ => false,
        }
    }
}

/// By Postgres's own code. Its words are in whatever language it speaks; the name of the routine is not.
fn of_code(code: &str, routine: Option<&str>, said: &str) -> Option<Trouble> {
    match code {
        "3D000" => Some(Trouble::NoDatabase),
        "42501" => Some(Trouble::NoRight),
        "3F000" | "42P01" | "42703" | "42883" => Some(Trouble::OlderSchema),
        "25006" => Some(Trouble::ReadOnly),
        // A statement that we have prepared is not there, or is there before we have.
        "26000" | "42P05" => Some(Trouble::Pooler),
        "53300" => Some(Trouble::TooManyConnections),
        // A statement, a lock or an open transaction took too long.
        "57014" | "55P03" | "25P03" => Some(Trouble::TooSlow),
        // No line of pg_hba.conf fits. Whose password is wrong, or who is nobody, is told by others.
        "28000" if routine == Some("ClientAuthentication") => Some(Trouble::NotLetIn),
        // A pooler has one code for everything that it says by itself, and says it in English.
        "08P01" if said.contains("authentication failed") || said.contains("no such user") => {
            Some(Trouble::LoginRefused)
        }
        code if code.starts_with("28") => Some(Trouble::LoginRefused),
        code if is_away(code) => Some(Trouble::Away),
        _ => None,
    }
}

/// The last but one: an authority that was made anew under its old name.
const AUTHORITY: &[&str] = &[
    "self-signed",
    "self signed",
    "local issuer",
    "not trusted",
    "unknown authority",
    "signature failure",
    "-2146762487",
];

/// By what the system's TLS says: there are no kinds. On Windows, whose words are in the user's language, the number tells.
fn of_tls(said: &str) -> Trouble {
    let said = said.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    if says(&["does not support tls"]) {
        Trouble::NoTls
    } else if says(&["hostname mismatch", "ip address mismatch", "name does not match", "-2146762481", "host name"]) {
        Trouble::WrongName
    } else if says(&["not yet valid"]) {
        Trouble::NotYetValid
    } else if says(&["expired", "-2146762495"]) {
        Trouble::Expired
    } else if says(AUTHORITY) {
        Trouble::UnknownAuthority
    } else {
        Trouble::BadTls
    }
}

/// Class 08: connection; 53: out of resources; 57: shutting down, starting up, cancelled.
fn is_away(code: &str) -> bool {
    ["08", "53", "57"].iter().any(|class| code.starts_with(class))
}

fn unavailable(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_away(&code)),
        _ => false,
    }
}

/// Whether another try of the same transaction may well succeed: a deadlock, a serialisation failure, or two writers that
/// made the same row at the same moment.
pub(crate) fn is_conflict(error: &Error) -> bool {
    let Error::Database(sqlx::Error::Database(error)) = error else { return false };
    error.code().is_some_and(|code| matches!(code.as_ref(), "40001" | "40P01" | "23505"))
}

/// Whether this is a violation of the named unique or foreign key constraint.
pub(crate) fn violates(error: &sqlx::Error, constraint: &str) -> bool {
    error.as_database_error().and_then(|error| error.constraint()) == Some(constraint)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("3D000", None, Some(Trouble::NoDatabase))]
    #[case("28P01", Some("auth_failed"), Some(Trouble::LoginRefused))]
    #[case("28000", Some("InitializeSessionUserId"), Some(Trouble::LoginRefused))]
    #[case("28000", Some("ClientAuthentication"), Some(Trouble::NotLetIn))]
    // What stands before Postgres knows no routines.
    #[case("28000", None, Some(Trouble::LoginRefused))]
    #[case("53300", Some("InitializeSessionUserId"), Some(Trouble::TooManyConnections))]
    #[case("53100", None, Some(Trouble::Away))]
    #[case("57014", Some("ProcessInterrupts"), Some(Trouble::TooSlow))]
    #[case("55P03", None, Some(Trouble::TooSlow))]
    #[case("57P03", None, Some(Trouble::Away))]
    #[case("08006", None, Some(Trouble::Away))]
    #[case("25006", None, Some(Trouble::ReadOnly))]
    #[case("26000", None, Some(Trouble::Pooler))]
    #[case("42P05", None, Some(Trouble::Pooler))]
    #[case("42501", None, Some(Trouble::NoRight))]
    #[case("42P01", None, Some(Trouble::OlderSchema))]
    #[case("23505", None, None)]
    fn postgres_names_its_trouble_by_a_code(
        #[case] code: &str,
        #[case] routine: Option<&str>,
        #[case] expected: Option<Trouble>,
    ) {
        assert_eq!(of_code(code, routine, "in whatever language"), expected);
    }

    #[rstest]
    #[case("SASL authentication failed", Trouble::LoginRefused)]
    #[case("password authentication failed", Trouble::LoginRefused)]
    #[case("no such user: ann", Trouble::LoginRefused)]
    #[case("pooler is shut down", Trouble::Away)]
    fn a_pooler_names_its_trouble_by_words(#[case] said: &str, #[case] expected: Trouble) {
        assert_eq!(of_code("08P01", None, said), Some(expected));
    }

    #[rstest]
    #[case::ours("server does not support TLS", Trouble::NoTls)]
    #[case::openssl(
        "error:0A000086:SSL routines::certificate verify failed (self-signed certificate in certificate chain)",
        Trouble::UnknownAuthority
    )]
    #[case::openssl("certificate verify failed (unable to get local issuer certificate)", Trouble::UnknownAuthority)]
    #[case::openssl("certificate verify failed (certificate signature failure)", Trouble::UnknownAuthority)]
    #[case::openssl("certificate verify failed (hostname mismatch)", Trouble::WrongName)]
    #[case::openssl("certificate verify failed (IP address mismatch)", Trouble::WrongName)]
    #[case::openssl("certificate verify failed (certificate has expired)", Trouble::Expired)]
    #[case::openssl("certificate verify failed (certificate is not yet valid)", Trouble::NotYetValid)]
    #[case::openssl("error:0A000102:SSL routines::unsupported protocol", Trouble::BadTls)]
    #[case::mac("The certificate was not trusted.", Trouble::UnknownAuthority)]
    #[case::windows("Eine Zertifikatkette wurde zwar verarbeitet … (os error -2146762487)", Trouble::UnknownAuthority)]
    #[case::windows("Der CN-Name des Zertifikats stimmt nicht … (os error -2146762481)", Trouble::WrongName)]
    #[case::windows("Ein erforderliches Zertifikat befindet sich nicht … (os error -2146762495)", Trouble::Expired)]
    fn tls_names_its_trouble_by_words(#[case] said: &str, #[case] expected: Trouble) {
        assert_eq!(of_tls(said), expected);
    }
}

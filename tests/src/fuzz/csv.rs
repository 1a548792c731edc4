//! A file of contacts, as a member uploads it.

use std::collections::BTreeSet;

use deskline_domain::{
    command::rules::{check_attribute, check_name},
    ids::ContactId,
    phone::PhoneNumber,
    protocol::ImportOutcome,
};
use deskline_server::import::{BadFile, File, MAX_ROWS, read};
use uuid::Uuid;

use super::change;

/// Whose numbers are written without a calling code.
const COUNTRIES: [Option<&str>; 4] = [None, Some("1"), Some("49"), Some("39")];

/// Every row is answered for in the order of the file, and every contact that comes out could have been typed in.
pub fn holds(file: &[u8]) {
    let country = COUNTRIES[change::spot(file) % COUNTRIES.len()];
    match read(file, country, || ContactId(Uuid::nil())) {
        Ok(read) => check(&read),
        Err(bad) => assert!(!matches!(bad, BadFile::Store(_)), "reading asks no database: {bad}"),
    }
}

fn check(File { rows, contacts }: &File) {
    assert!(rows.len() <= MAX_ROWS);
    assert!(rows.iter().all(|row| row.line >= 1), "lines count from 1");
    assert!(rows.is_sorted_by_key(|row| row.line), "rows come in the order of the file");
    let mut created = Vec::new();
    for row in rows {
        match &row.outcome {
            ImportOutcome::Created { phone } => created.push(phone.as_str()),
            ImportOutcome::Duplicate { phone, of_line } => {
                assert!(*of_line <= row.line && created.contains(&phone.as_str()), "{phone} was there before");
            }
            ImportOutcome::Invalid { reason } => assert!(reason.len() < 300, "a sentence, not the file: {reason}"),
            ImportOutcome::Known { .. } => panic!("reading asks no database"),
        }
    }
    assert!(created.iter().copied().eq(contacts.iter().map(|contact| contact.phone.as_str())), "a row, a contact");
    assert_eq!(created.iter().collect::<BTreeSet<_>>().len(), created.len(), "one contact a number");
    for contact in contacts {
        assert_eq!(PhoneNumber::parse(contact.phone.as_str()).as_ref(), Ok(&contact.phone));
        assert_eq!(contact.name.as_deref().map_or(Ok(()), check_name), Ok(()));
        for (name, value) in &contact.attributes {
            assert_eq!(check_attribute(name, value), Ok(()));
        }
    }
}

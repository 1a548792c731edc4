//! Reading a file of contacts: CSV with a header, as spreadsheets write it.
//!
//! Used by `POST /contacts/import` and by `deskline-server import`. Numbers come out in international form; every row is answered
//! for. Never logs what is in a file.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use csv::{ReaderBuilder, StringRecord, Trim};
use deskline_domain::{
    canned::is_attribute_name,
    command::rules::{MAX_ATTRIBUTES, check_attribute, check_name},
    ids::{ContactId, WorkspaceId},
    phone::PhoneNumber,
    protocol::{ImportOutcome, ImportReply, ImportedRow},
};
use deskline_store::{NewContact, Store};

/// Rows of one file.
pub const MAX_ROWS: usize = 20_000;

/// Digits of a number with its calling code. What is shorter is a short code or a slip of the pen.
const SHORTEST_NUMBER: usize = 7;

/// A file that cannot be read at all. The text tells what to do.
#[derive(Debug, thiserror::Error)]
pub enum BadFile {
    /// No header, or none with a number in it.
    #[error("The first line must name the columns, one of them phone")]
    NoPhoneColumn,
    /// A column that cannot become an attribute.
    #[error(
        "Column {0} has a name that cannot become an attribute: use up to 50 letters, digits and _, a letter first, and no name twice"
    )]
    BadColumn(usize),
    /// More columns than a contact can have attributes.
    #[error("The file has too many columns")]
    TooManyColumns,
    /// More than [`MAX_ROWS`].
    #[error("The file has more than {MAX_ROWS} rows. Split it.")]
    TooManyRows,
    /// The database.
    #[error(transparent)]
    Store(#[from] deskline_store::Error),
}

/// What a column holds.
enum Column {
    Phone,
    Name,
    Attribute(String),
    Nothing,
}

/// A row that is good so far.
struct Row {
    phone: PhoneNumber,
    name: Option<String>,
    attributes: BTreeMap<String, String>,
}

/// A file that was read: each row, and the contacts that it names.
pub struct File {
    /// What became of each row, in the order of the file. Nobody has looked yet which contacts are known.
    pub rows: Vec<ImportedRow>,
    /// The contacts, one a number.
    pub contacts: Vec<NewContact>,
}

/// Reads a file and stores the contacts that are new. `country` is the calling code that numbers without one are given.
///
/// # Errors
/// [`BadFile`]. A row that cannot be used is no error: it is answered for.
pub async fn import(
    store: &Store,
    workspace: WorkspaceId,
    file: &[u8],
    country: Option<&str>,
    new_id: impl FnMut() -> ContactId,
) -> Result<ImportReply, BadFile> {
    let File { mut rows, contacts } = read(file, country, new_id)?;
    let stored = store.import_contacts(workspace, &contacts).await?;
    let mut reply = ImportReply::default();
    for row in &mut rows {
        match &row.outcome {
            ImportOutcome::Created { phone } if !stored.contains(phone) => {
                row.outcome = ImportOutcome::Known { phone: phone.clone() };
                reply.known += 1;
            }
            ImportOutcome::Created { .. } => reply.created += 1,
            ImportOutcome::Known { .. } => reply.known += 1,
            ImportOutcome::Duplicate { .. } => reply.duplicate += 1,
            ImportOutcome::Invalid { .. } => reply.invalid += 1,
        }
    }
    Ok(ImportReply { rows, ..reply })
}

/// Reads a file without storing anything.
///
/// # Errors
/// [`BadFile`], but never [`BadFile::Store`].
pub fn read(file: &[u8], country: Option<&str>, mut new_id: impl FnMut() -> ContactId) -> Result<File, BadFile> {
    let file = as_utf8(file);
    let file = file.as_ref();
    let mut reader = ReaderBuilder::new().delimiter(delimiter(file)).flexible(true).trim(Trim::All).from_reader(file);
    let columns = columns(reader.headers().map_err(|_| BadFile::NoPhoneColumn)?)?;
    let mut read = File { rows: Vec::new(), contacts: Vec::new() };
    let mut seen: HashMap<String, u64> = HashMap::new();
    let mut lines = Lines { file, at: 0, line: 1 };
    for record in reader.records() {
        if read.rows.len() == MAX_ROWS {
            return Err(BadFile::TooManyRows);
        }
        let (position, row) = match &record {
            Ok(record) => (record.position(), row(&columns, record, country)),
            Err(error) => (error.position(), Err("This row is not UTF-8 text.".to_owned())),
        };
        let line = lines.of(position.map_or(0, csv::Position::byte));
        let outcome = match row {
            Err(reason) => ImportOutcome::Invalid { reason },
            Ok(row) => {
                let phone = row.phone.to_string();
                match seen.get(&phone) {
                    Some(of_line) => ImportOutcome::Duplicate { phone, of_line: *of_line },
                    None => {
                        seen.insert(phone.clone(), line);
                        let Row { phone: number, name, attributes } = row;
                        read.contacts.push(NewContact { id: new_id(), phone: number, name, attributes });
                        ImportOutcome::Created { phone }
                    }
                }
            }
        };
        read.rows.push(ImportedRow { line, outcome });
    }
    Ok(read)
}

/// The file without the mark at its beginning, and in UTF-8: "Unicode text" of a spreadsheet is UTF-16.
fn as_utf8(file: &[u8]) -> Cow<'_, [u8]> {
    let (little, rest) = match file {
        [0xff, 0xfe, rest @ ..] => (true, rest),
        [0xfe, 0xff, rest @ ..] => (false, rest),
        _ => return file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file).into(),
    };
    let (pairs, _half) = rest.as_chunks();
    let unit = |pair: &[u8; 2]| if little { u16::from_le_bytes(*pair) } else { u16::from_be_bytes(*pair) };
    let text = char::decode_utf16(pairs.iter().map(unit));
    text.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>().into_bytes().into()
}

/// Counts lines, as an editor shows them. The reader's own count lags behind where lines end with two characters.
struct Lines<'a> {
    file: &'a [u8],
    at: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first character at or after this byte that ends no line. Asked for in the order of the file.
    fn of(&mut self, byte: u64) -> u64 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX).max(self.at);
        let rest = self.file.get(from..).unwrap_or_default();
        let to = from + rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        let passed = self.file.get(self.at..to).unwrap_or_default();
        self.line += passed.iter().filter(|byte| **byte == b'\n').map(|_| 1).sum::<u64>();
        self.at = to;
        self.line
    }
}

/// Spreadsheets write semicolons where a comma is part of a number.
fn delimiter(file: &[u8]) -> u8 {
    let header = file.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    let count = |wanted: u8| header.iter().filter(|byte| **byte == wanted).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|candidate| count(*candidate)).unwrap_or(b',')
}

fn columns(header: &StringRecord) -> Result<Vec<Column>, BadFile> {
    // Before anything else: a header may have as many columns as fit into a file.
    if i64::try_from(header.len()).unwrap_or(i64::MAX) > MAX_ATTRIBUTES {
        return Err(BadFile::TooManyColumns);
    }
    let mut columns = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for (index, title) in header.iter().enumerate() {
        let name: String = title
            .trim()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' })
            .collect();
        let column = match name.as_str() {
            "" => Column::Nothing,
            "phone" | "phone_number" | "number" | "mobile" => Column::Phone,
            "name" | "full_name" => Column::Name,
            _ if is_attribute_name(&name) && !names.contains(&name) => {
                names.push(name.clone());
                Column::Attribute(name)
            }
            _ => return Err(BadFile::BadColumn(index + 1)),
        };
        columns.push(column);
    }
    if columns.iter().any(|column| matches!(column, Column::Phone)) { Ok(columns) } else { Err(BadFile::NoPhoneColumn) }
}

/// Reads one row; a cell that is empty says nothing, and of two columns for the same thing the first that is filled counts.
fn row(columns: &[Column], record: &StringRecord, country: Option<&str>) -> Result<Row, String> {
    let (mut phone, mut name, mut attributes) = (None, None, BTreeMap::new());
    for (column, cell) in columns.iter().zip(record).filter(|(_, cell)| !cell.is_empty()) {
        match column {
            Column::Phone if phone.is_none() => phone = Some(number(cell, country)?),
            Column::Name if name.is_none() => {
                check_name(cell).map_err(|bad| bad.to_string())?;
                name = Some(cell.to_owned());
            }
            Column::Attribute(attribute) => {
                check_attribute(attribute, cell).map_err(|bad| bad.to_string())?;
                attributes.insert(attribute.clone(), cell.to_owned());
            }
            Column::Phone | Column::Name | Column::Nothing => {}
        }
    }
    let phone = phone.ok_or_else(|| "There is no phone number in this row.".to_owned())?;
    Ok(Row { phone, name, attributes })
}

/// A number as people write it. Without a country code it is given `country`; the 0 (in North America the 1) with which
/// numbers are dialled within a country is dropped, but for Italy's, where it belongs to the number.
fn number(text: &str, country: Option<&str>) -> Result<PhoneNumber, String> {
    // In +49 (0) 171 the zero is for callers from within the country.
    let written = text.trim_start();
    let is_italian = written.trim_start_matches(['+', '0']).starts_with("39");
    let text =
        if written.starts_with(['+', '0']) && !is_italian { text.replacen("(0)", "", 1) } else { text.to_owned() };
    let compact: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{a0}')).collect();
    let international = match (compact.strip_prefix("00"), country) {
        _ if compact.starts_with('+') => compact,
        (Some(rest), _) => format!("+{rest}"),
        (None, Some("1")) if compact.len() == 11 && compact.starts_with('1') => format!("+{compact}"),
        (None, Some("39")) => format!("+39{compact}"),
        (None, Some(country)) => format!("+{country}{}", compact.strip_prefix('0').unwrap_or(&compact)),
        (None, None) => compact,
    };
    PhoneNumber::parse(&international)
        .ok()
        .filter(|number| number.as_str().len() > SHORTEST_NUMBER)
        .ok_or_else(|| "This is not a phone number in international form, such as +15551234567.".to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn read_text(file: &str, country: Option<&str>) -> Result<File, BadFile> {
        read(file.as_bytes(), country, || ContactId(Uuid::nil()))
    }

    #[rstest]
    #[case::international("+1 (555) 123-4567", None, Some("+15551234567"))]
    #[case::double_zero("0049 171/1234567", None, Some("+491711234567"))]
    #[case::german("0171 1234567", Some("49"), Some("+491711234567"))]
    #[case::american("(555) 123-4567", Some("1"), Some("+15551234567"))]
    #[case::american_with_one("1-555-123-4567", Some("1"), Some("+15551234567"))]
    #[case::german_for_everybody("+49 (0) 171 1234567", None, Some("+491711234567"))]
    #[case::german_area("(0171) 1234567", Some("49"), Some("+491711234567"))]
    #[case::italian_for_everybody("+39 (0)6 1234567", None, Some("+39061234567"))]
    #[case::italian("06 1234567", Some("39"), Some("+39061234567"))]
    #[case::foreign_in_germany("+1 555 123 4567", Some("49"), Some("+15551234567"))]
    #[case::nobody_knows_where("0171 1234567", None, None)]
    #[case::too_short("12", Some("1"), None)]
    #[case::spreadsheet("1.55512E+10", Some("1"), None)]
    fn numbers_come_out_in_international_form(
        #[case] text: &str,
        #[case] country: Option<&str>,
        #[case] expected: Option<&str>,
    ) {
        assert_eq!(number(text, country).ok().as_ref().map(PhoneNumber::as_str), expected);
    }

    #[test]
    fn a_spreadsheets_file_is_read_row_by_row() {
        let file = "\u{feff}Name;Mobile;Bike type\r\nAnn;+1 555 000 0001;\"red; fast\"\r\nBob;+15550000001;\r\n;;\r\n\r\n\"Carl\r\nCarlson\";12;\r\nDora;+15550000004;\r\n";

        let read = read_text(file, None).unwrap();

        let outcomes: Vec<_> = read.rows.iter().map(|row| (row.line, &row.outcome)).collect();
        let (phone, of_line) = ("+15550000001".to_owned(), 2);
        assert_eq!(outcomes[0], (2, &ImportOutcome::Created { phone: phone.clone() }));
        assert_eq!(outcomes[1], (3, &ImportOutcome::Duplicate { phone, of_line }));
        assert!(matches!(outcomes[2].1, ImportOutcome::Invalid { reason } if reason.contains("no phone number")));
        assert!(matches!(outcomes[3], (6, ImportOutcome::Invalid { reason }) if reason.contains("international")));
        assert_eq!(outcomes[4].0, 8, "a cell may have several lines");
        assert_eq!(read.contacts[0].name.as_deref(), Some("Ann"));
        assert_eq!(read.contacts[0].attributes["bike_type"], "red; fast");
    }

    #[rstest]
    #[case::little_endian(&[0xff, 0xfe], u16::to_le_bytes)]
    #[case::big_endian(&[0xfe, 0xff], u16::to_be_bytes)]
    fn a_spreadsheets_unicode_text_is_read(#[case] mark: &[u8], #[case] bytes: fn(u16) -> [u8; 2]) {
        let text = "Name\tPhone\r\nJürgen 🦆\t+15550000001\r\n";
        let file: Vec<u8> = mark.iter().copied().chain(text.encode_utf16().flat_map(bytes)).collect();

        let read = read(&file, None, || ContactId(Uuid::nil())).unwrap();

        assert_eq!(read.contacts[0].name.as_deref(), Some("Jürgen 🦆"));
    }

    #[rstest]
    #[case::nothing("", "phone")]
    #[case::no_phone("name,bike\nAnn,red\n", "phone")]
    #[case::column("phone,2nd\n", "Column 2")]
    #[case::twice("phone,bike,Bike\n", "Column 3")]
    #[case::too_many_to_look_at(&format!("phone{},2nd\n", ",a".repeat(200)), "too many")]
    fn a_file_that_cannot_be_read_says_why(#[case] file: &str, #[case] expected: &str) {
        let error = read_text(file, None).err().unwrap().to_string();

        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_row_that_is_no_text_is_answered_for_and_the_next_one_is_read() {
        let read = read(b"phone\n\xff\xfe\n+15550000001\n", None, || ContactId(Uuid::nil())).unwrap();

        assert!(matches!(read.rows[0].outcome, ImportOutcome::Invalid { .. }));
        assert!(matches!(read.rows[1].outcome, ImportOutcome::Created { .. }));
    }

    #[test]
    fn a_file_has_an_end() {
        let file = format!("phone\n{}", "+15550000001\n".repeat(MAX_ROWS + 1));

        assert!(matches!(read_text(&file, None), Err(BadFile::TooManyRows)));
    }
}

//! What a file is: what its content shows, compared with what was told, and what follows from that.
//!
//! Asked by the server's media job and its upload, and by the desktop before it keeps a file to send. Nothing that a browser could run is
//! ever shown in place, whoever says what it is. A pure function of the content.

use thiserror::Error;

/// Types of files whose content shows nothing, or that have several names: taken at their word when nothing speaks against it.
/// These and the images are what Twilio takes ("Accepted content types for media").
const TAKEN: [&str; 41] = [
    "application/pdf",
    "application/vcard",
    "application/vnd.apple.pkpass",
    "audio/3gpp",
    "audio/3gpp2",
    "audio/aac",
    "audio/ac3",
    "audio/amr",
    "audio/amr-nb",
    "audio/basic",
    "audio/l24",
    "audio/m4a",
    "audio/mp4",
    "audio/mpeg",
    "audio/ogg",
    "audio/vnd.rn-realaudio",
    "audio/vnd.wave",
    "audio/wav",
    "audio/webm",
    "audio/x-wav",
    "text/calendar",
    "text/csv",
    "text/directory",
    "text/plain",
    "text/richtext",
    "text/rtf",
    "text/vcard",
    "text/x-vcard",
    "video/3gpp",
    "video/3gpp2",
    "video/3gpp-tt",
    "video/h261",
    "video/h263",
    "video/h263-1998",
    "video/h263-2000",
    "video/h264",
    "video/mp4",
    "video/mpeg",
    "video/quicktime",
    "video/webm",
    "video/x-m4v",
];
/// Images that Twilio takes.
const IMAGES: [&str; 5] = ["image/bmp", "image/gif", "image/jpeg", "image/png", "image/tiff"];
/// Images that Twilio makes fit for the recipient's network.
const FITTED: [&str; 3] = ["image/gif", "image/jpeg", "image/png"];
/// Other files that are larger are dropped by many networks.
const OFTEN_DROPPED: usize = 500 * 1024;

/// What is served when nobody knows better.
pub const UNKNOWN: &str = "application/octet-stream";

/// A web page came where a file was told: a proxy, or a sign-in page of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("Something other than the file arrived, perhaps a page of the server's network.")]
pub struct NotTheFile;

/// Why an upload is not taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unsendable {
    /// The content is something else than was told.
    #[error("This file says that it is {told}, and is {found}. Send it as what it is.")]
    Mislabelled {
        /// The MIME type that came with it.
        told: String,
        /// The MIME type of its content.
        found: String,
    },
    /// Twilio does not take files like this.
    #[error("Twilio takes no files of the type {0}. Send a JPEG, PNG or GIF, or another type that phones can show.")]
    NotTaken(String),
}

/// What an inbound file is served as. A contact's file is kept whatever it is.
///
/// # Errors
/// [`NotTheFile`].
pub fn of_inbound(told: Option<&str>, content: &[u8]) -> Result<String, NotTheFile> {
    let told = told.map(essence);
    match infer::get(content) {
        Some(found) if found.mime_type() == "text/html" && told.as_deref() != Some("text/html") => Err(NotTheFile),
        Some(found) => {
            Ok(told.filter(|told| agree(told, found.mime_type())).unwrap_or_else(|| found.mime_type().into()))
        }
        None => Ok(told.filter(|told| TAKEN.contains(&told.as_str())).unwrap_or_else(|| UNKNOWN.into())),
    }
}

/// What an uploaded file is sent and served as.
///
/// # Errors
/// [`Unsendable`].
pub fn of_upload(told: Option<&str>, content: &[u8]) -> Result<String, Unsendable> {
    let told = told.map(essence).filter(|told| told != UNKNOWN);
    let found = infer::get(content).map(|found| found.mime_type());
    let kind = match (told, found) {
        (Some(told), Some(found)) if !agree(&told, found) => {
            return Err(Unsendable::Mislabelled { told, found: found.into() });
        }
        // Every image shows what it is.
        (Some(told), None) if told.starts_with("image/") => {
            return Err(Unsendable::Mislabelled { told, found: "no image".into() });
        }
        (Some(told), _) => told,
        (None, found) => found.unwrap_or(UNKNOWN).into(),
    };
    let taken = TAKEN.contains(&kind.as_str()) || IMAGES.contains(&kind.as_str());
    if taken { Ok(kind) } else { Err(Unsendable::NotTaken(kind)) }
}

/// Whether many networks drop a file like this.
#[must_use]
pub fn is_often_dropped(kind: &str, size: usize) -> bool {
    size > OFTEN_DROPPED && !FITTED.contains(&kind)
}

/// Whether a browser may show it in place. Everything else is saved.
#[must_use]
pub fn is_shown(kind: &str) -> bool {
    IMAGES.contains(&kind) || kind == "image/webp" || kind.starts_with("audio/") || kind.starts_with("video/")
}

/// What the name of a file of this type ends with.
#[must_use]
pub fn extension(kind: &str) -> &'static str {
    match kind {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/webp" => "webp",
        "image/bmp" => "bmp",
        "image/tiff" => "tiff",
        "image/heif" => "heic",
        "audio/mpeg" => "mp3",
        "audio/amr" | "audio/amr-nb" => "amr",
        "audio/ogg" => "ogg",
        "audio/mp4" | "audio/m4a" => "m4a",
        "audio/wav" | "audio/x-wav" | "audio/vnd.wave" => "wav",
        "video/mp4" => "mp4",
        "video/3gpp" => "3gp",
        "video/quicktime" => "mov",
        "video/webm" => "webm",
        "text/vcard" | "text/x-vcard" | "text/directory" | "application/vcard" => "vcf",
        "text/plain" => "txt",
        "text/csv" => "csv",
        "text/calendar" => "ics",
        "application/pdf" => "pdf",
        _ => "bin",
    }
}

/// The type that a name stands for, for files whose content shows nothing and of which nobody said what they are.
#[must_use]
pub fn of_name(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "vcf" => "text/vcard",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "ics" => "text/calendar",
        "amr" => "audio/amr",
        "3gp" => "video/3gpp",
        _ => return None,
    })
}

/// The type alone, in lower case, under its usual name.
fn essence(told: &str) -> String {
    let essence = told.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "" => UNKNOWN.into(),
        "image/jpg" | "image/pjpeg" => "image/jpeg".into(),
        "audio/mp3" => "audio/mpeg".into(),
        _ => essence,
    }
}

/// Whether the told type is a fitting name for what was found. Images have one name each; sound and film are told apart by their
/// content badly, and share their containers; several types are archives inside.
fn agree(told: &str, found: &str) -> bool {
    let heard_or_seen = |kind: &str| kind.starts_with("audio/") || kind.starts_with("video/");
    told == found
        || TAKEN.contains(&told)
            && (heard_or_seen(told) && (heard_or_seen(found) || found == "application/ogg")
                || told == "application/vnd.apple.pkpass" && found == "application/zip"
                || matches!(told, "text/rtf" | "text/richtext") && found == "application/rtf")
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";
    const HTML: &[u8] = b"<!DOCTYPE html><script>alert(1)</script>";
    const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    const XML_SVG: &[u8] = b"<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\"/>";
    const VCARD: &[u8] = b"BEGIN:VCARD\r\nVERSION:3.0\r\n";

    #[rstest]
    #[case::as_told("image/png", PNG, "image/png")]
    #[case::by_another_name("image/jpg; name=a.jpg", JPEG, "image/jpeg")]
    #[case::mislabelled("image/png", JPEG, "image/jpeg")]
    #[case::a_vcard("text/x-vcard; charset=utf-8", VCARD, "text/x-vcard")]
    #[case::no_image("image/png", b"hello", UNKNOWN)]
    #[case::an_svg("image/svg+xml", SVG, UNKNOWN)]
    #[case::an_svg_with_a_head("image/svg+xml", XML_SVG, "text/xml")]
    #[case::a_script("text/javascript", b"alert(1)", UNKNOWN)]
    #[case::nonsense("a\r\nX-Evil: 1", b"hello", UNKNOWN)]
    fn an_inbound_file_is_what_its_content_shows(#[case] told: &str, #[case] content: &[u8], #[case] expected: &str) {
        let kind = of_inbound(Some(told), content).unwrap();

        assert_eq!(kind, expected);
        assert!(!is_shown(&kind) || kind.starts_with("image/"));
    }

    #[test]
    fn a_web_page_in_place_of_a_file_is_not_the_file() {
        assert_eq!(of_inbound(Some("image/png"), HTML), Err(NotTheFile));
        let kind = of_inbound(Some("text/html"), HTML).unwrap();
        assert!(!is_shown(&kind), "and one that a contact sent is saved, not shown");
    }

    #[rstest]
    #[case(Some("image/png"), PNG, Ok("image/png"))]
    #[case(Some("image/jpg"), JPEG, Ok("image/jpeg"))]
    #[case(None, PNG, Ok("image/png"))]
    #[case(Some(UNKNOWN), JPEG, Ok("image/jpeg"))]
    #[case(Some("text/vcard"), VCARD, Ok("text/vcard"))]
    #[case(Some("image/png"), JPEG, Err(()))]
    #[case(Some("image/png"), HTML, Err(()))]
    #[case(Some("image/png"), b"hello", Err(()))]
    #[case(Some("image/svg+xml"), SVG, Err(()))]
    #[case(Some("text/html"), HTML, Err(()))]
    #[case(Some("text/plain"), b"#!/bin/sh\nrm -rf /", Err(()))]
    #[case(None, b"hello", Err(()))]
    fn an_upload_is_what_it_says_and_what_twilio_takes(
        #[case] told: Option<&str>,
        #[case] content: &[u8],
        #[case] expected: Result<&str, ()>,
    ) {
        assert_eq!(of_upload(told, content).map_err(drop), expected.map(str::to_owned));
    }

    #[rstest]
    #[case("Ann Smith.VCF", Some("text/vcard"))]
    #[case("notes.txt", Some("text/plain"))]
    #[case("setup.exe", None)]
    #[case("README", None)]
    fn a_name_stands_for_a_type_that_content_does_not_show(#[case] name: &str, #[case] expected: Option<&str>) {
        assert_eq!(of_name(name), expected);
        if let Some(kind) = expected {
            assert_eq!(of_upload(Some(kind), b"BEGIN").map_err(drop), Ok(kind.to_owned()));
        }
    }

    #[test]
    fn a_picture_is_made_to_fit_and_a_film_is_not() {
        assert!(!is_often_dropped("image/jpeg", 4 << 20));
        assert!(is_often_dropped("video/mp4", 1 << 20));
    }
}

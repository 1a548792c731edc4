//! Settings of files: where they are kept, and how large they may be.
//!
//! Read by [`super::Config::from_vars`]. Opens nothing: that is `media/objects`.

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::ConfigError;

/// What Amazon's own tools read, and other S3-compatible stores' too.
const BUCKET_OPTIONS: [&str; 8] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT",
    "AWS_ALLOW_HTTP",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
];
const MEGABYTE: usize = 1024 * 1024;

/// Where files are kept, and how large they may be.
#[derive(Clone, Debug)]
pub struct MediaSettings {
    /// Where.
    pub place: Place,
    /// `DESKLINE_MEDIA_MAX_MB`, in bytes: an inbound file that is larger is not kept. Default 16 MB, the most of any channel of Twilio's.
    pub max_bytes: usize,
    /// An inbound file is given up after so many tries, which take about a day. Not in the environment.
    pub attempts: i32,
}

/// Where files are kept.
#[derive(Clone, Debug)]
pub enum Place {
    /// `DESKLINE_MEDIA_DIR`: a folder, made when it is missing. Several processes must see the same one.
    Folder(PathBuf),
    /// `DESKLINE_MEDIA_URL`: a bucket.
    Bucket {
        /// `s3://bucket/folder`
        url: Url,
        /// The `AWS_…` settings that were there.
        options: Vec<(&'static str, SecretString)>,
    },
}

impl Default for MediaSettings {
    fn default() -> Self {
        Self { place: Place::Folder("media".into()), max_bytes: 16 * MEGABYTE, attempts: 36 }
    }
}

impl MediaSettings {
    pub(super) fn read(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let plain = Self::default();
        let place = match (get("DESKLINE_MEDIA_URL"), get("DESKLINE_MEDIA_DIR")) {
            (Some(url), _) => Place::Bucket {
                url: bucket(&url)?,
                options: BUCKET_OPTIONS
                    .into_iter()
                    .filter_map(|name| get(name).map(|value| (name, value.into())))
                    .collect(),
            },
            (None, Some(folder)) => Place::Folder(folder.into()),
            (None, None) => plain.place,
        };
        let max_bytes = match get("DESKLINE_MEDIA_MAX_MB") {
            Some(text) => {
                text.parse().ok().filter(|mb| (1..=1_024).contains(mb)).map(|mb: usize| mb * MEGABYTE).ok_or_else(
                    || ConfigError::Bad {
                        name: "DESKLINE_MEDIA_MAX_MB",
                        problem: "it must be a whole number from 1 to 1024".into(),
                    },
                )?
            }
            None => plain.max_bytes,
        };
        Ok(Self { place, max_bytes, ..plain })
    }
}

fn bucket(text: &str) -> Result<Url, ConfigError> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "s3" | "s3a") && url.has_host() => Ok(url),
        _ => Err(ConfigError::Bad {
            name: "DESKLINE_MEDIA_URL",
            problem: "it must be an address such as s3://bucket/folder".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<MediaSettings, ConfigError> {
        MediaSettings::read(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn a_bucket_takes_its_settings_along_and_never_prints_them() {
        let settings =
            read(&[("DESKLINE_MEDIA_URL", "s3://files/desk"), ("AWS_SECRET_ACCESS_KEY", "hunter2")]).unwrap();

        assert!(!format!("{settings:?}").contains("hunter2"));
        let Place::Bucket { options, .. } = settings.place else { panic!("a bucket") };
        assert_eq!(options[0].1.expose_secret(), "hunter2");
    }

    #[test]
    fn what_is_no_bucket_and_no_size_is_named() {
        let wrong = |pairs| read(pairs).unwrap_err().to_string();

        assert!(wrong(&[("DESKLINE_MEDIA_URL", "/var/files")]).contains("DESKLINE_MEDIA_URL"));
        assert!(wrong(&[("DESKLINE_MEDIA_MAX_MB", "0")]).contains("DESKLINE_MEDIA_MAX_MB"));
    }
}

//! How a client behaves, and how one submission does.

use super::{ErrorCode, ErrorInfo};
use crate::{ports::Headers, wire::OnAmbiguous};
use std::fmt;

/// The longest time that the timers of JavaScript can wait; longer ones would end at once.
const MAX_MS: u64 = (1 << 31) - 1;

/// What to do with a submission of which some orders have errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnInvalid {
    /// Send nothing.
    #[default]
    Stop,
    /// Send the others.
    Skip,
}

/// How a client behaves. Times are in milliseconds, at most 2,147,483,647.
#[derive(Clone)]
pub struct Options {
    /// The absolute URL of the broker, such as `https://shop.example/api`.
    pub base_url: String,
    /// Header fields to add to each request, such as the merchant's own `Authorization`. Those that the broker's contract
    /// needs cannot be replaced.
    pub headers: Headers,
    /// How long one request may take until its answer is read to the end. Default 30 s.
    pub timeout_ms: u64,
    /// How long a whole submission may take. Default no limit.
    pub deadline_ms: Option<u64>,
    /// How often a batch is sent again. Default 2.
    pub max_retries: u32,
    /// How many batches travel side by side. Default 3.
    pub concurrency: usize,
    /// What to do when nobody knows whether the API acted. Default to report it.
    pub on_ambiguous: OnAmbiguous,
    /// The longest wait that an answer may ask for; what is beyond is cut. Default 60 s.
    pub max_retry_after_ms: u64,
    /// The version of this package, for the header that the broker demands. Default the crate's.
    pub version: String,
}

impl fmt::Debug for Options {
    /// Without the values of headers, which may be credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Options").field("base_url", &self.base_url).field("headers", &headers).finish_non_exhaustive()
    }
}

impl Options {
    /// The defaults, for the broker at that URL.
    #[must_use]
    pub fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            headers: Headers::new(),
            timeout_ms: 30_000,
            deadline_ms: None,
            max_retries: 2,
            concurrency: 3,
            on_ambiguous: OnAmbiguous::default(),
            max_retry_after_ms: 60_000,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Says what is wrong with them.
    pub(super) fn check(&self) -> Result<(), ErrorInfo> {
        if let Some(fault) = fault_of_url(&self.base_url) {
            let shape = ". It must be the absolute URL of the broker, such as https://shop.example/api.";
            return Err(wrong(&["baseURL ", fault, shape].concat()));
        }
        let times = [
            ("timeout", self.timeout_ms, 1),
            ("deadline", self.deadline_ms.unwrap_or(1), 1),
            ("maxRetryAfter", self.max_retry_after_ms, 0),
        ];
        for (name, value, least) in times {
            if !(least..=MAX_MS).contains(&value) {
                let range = if least == 0 { " must be from 0" } else { " must be from 1" };
                return Err(wrong(&[name, range, " to 2147483647 milliseconds."].concat()));
            }
        }
        if self.concurrency == 0 {
            return Err(wrong("concurrency must be at least 1."));
        }
        Ok(())
    }

    /// The URL of a route of the broker.
    pub(super) fn url(&self, path: &str) -> String {
        let mut base = &*self.base_url;
        while let Some(shorter) = base.strip_suffix('/') {
            base = shorter;
        }
        [base, path].concat()
    }
}

/// The error of options that cannot be used.
fn wrong(message: &str) -> ErrorInfo {
    ErrorInfo::with(ErrorCode::InvalidOptions, message)
}

/// What is wrong with a base URL.
fn fault_of_url(url: &str) -> Option<&'static str> {
    let after = |scheme: &&str| {
        let (start, rest) = url.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(rest)
    };
    if url.is_empty() {
        return Some("is missing");
    }
    let Some(rest) = ["https://", "http://"].iter().find_map(after) else {
        return Some("does not begin with https:// or http://");
    };
    let bytes = rest.as_bytes();
    let authority = bytes.split(|byte| matches!(byte, b'/' | b'?' | b'#')).next().unwrap_or_default();
    if matches!(authority, [] | [b':', ..]) {
        Some("has no host")
    } else if authority.contains(&b'@') {
        Some("has a user name in it")
    } else if bytes.iter().any(|byte| matches!(byte, b'?' | b'#')) {
        Some("has a query or a fragment")
    } else if rest.chars().any(|character| character.is_whitespace() || character.is_control() || character == '\\') {
        Some("has a character that no URL has")
    } else {
        None
    }
}

/// How one submission behaves.
#[derive(Clone, Debug, Default)]
pub struct SubmitOptions {
    /// Its id, 1 to 100 characters of `[A-Za-z0-9._:-]`; a new one if it is not given. The keys of its batches are made
    /// from it, so the same id with the same orders gives the same keys.
    pub submission_id: Option<String>,
    /// What to do if some orders have errors. Default to send nothing.
    pub on_invalid: OnInvalid,
}

impl SubmitOptions {
    /// Says what is wrong with them.
    pub(super) fn check(&self) -> Result<(), ErrorInfo> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'-');
        match &self.submission_id {
            Some(id) if !((1..=100).contains(&id.len()) && id.bytes().all(allowed)) => {
                let message = "submissionId must be 1 to 100 characters of A-Z, a-z, 0-9, '.', '_', ':' and '-'.";
                Err(wrong(message))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_absolute_and_of_http() {
        for url in ["https://a.example", "HTTP://localhost:8787/api/", "https://[::1]/x", "https://caf\u{e9}.example/"]
        {
            assert!(Options::new(url).check().is_ok(), "{url}");
        }
        let faults = [
            ("", "missing"),
            ("/api", "begin with https://"),
            ("ftp://a.example", "begin with https://"),
            ("javascript:alert(1)", "begin with https://"),
            ("https:///api", "no host"),
            ("https://", "no host"),
            ("https://user:secret@a.example", "user name"),
            ("https://a.example/?x=1", "query"),
            ("https://a.example/#x", "fragment"),
            ("https://a.example/ x", "character"),
            ("https\u{e9}//", "begin with https://"),
        ];
        for (url, fault) in faults {
            let error = Options::new(url).check().unwrap_err();
            assert_eq!(error.code, ErrorCode::InvalidOptions);
            assert!(error.message.contains(fault), "{url}: {}", error.message);
            assert!(!error.message.contains("secret"));
        }
    }

    #[test]
    fn a_route_is_below_the_base_url() {
        assert_eq!(Options::new("https://a.example/api//").url("/v1/x"), "https://a.example/api/v1/x");
    }

    #[test]
    fn headers_do_not_show_in_debug_output() {
        let mut options = Options::new("https://a.example");
        options.headers.set("Authorization", "Bearer hunter2");
        assert!(!format!("{options:?}").contains("hunter2"));
    }

    #[test]
    fn times_that_no_timer_can_wait_are_refused() {
        let check = |change: fn(&mut Options)| {
            let mut options = Options::new("https://a.example");
            change(&mut options);
            options.check().map_err(|error| error.message)
        };
        assert!(check(|options| options.timeout_ms = 0).unwrap_err().starts_with("timeout must be"));
        assert!(check(|options| options.deadline_ms = Some(1 << 31)).unwrap_err().starts_with("deadline must be"));
        assert!(check(|options| options.deadline_ms = Some(0)).is_err());
        assert!(check(|options| options.concurrency = 0).is_err());
        assert!(check(|options| options.max_retry_after_ms = 0).is_ok());
    }

    #[test]
    fn a_submission_id_fits_into_a_header() {
        let check = |id: &str| SubmitOptions { submission_id: Some(id.into()), ..SubmitOptions::default() }.check();
        assert!(check("order-import_2026.03:1").is_ok());
        for id in ["", "a b", "a\"", "\u{e9}", &"a".repeat(101)] {
            assert!(check(id).is_err(), "{id}");
        }
    }
}

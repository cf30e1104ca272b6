//! A request as it reaches the broker, its body not yet read.

use super::{LogRecord, digest::Announced};
use crate::{
    ports::Headers,
    wire::{self, Problem, ProblemCode, header},
};
use std::{fmt, future::Future};

/// A request from a page or a program.
pub struct Incoming<'a, B> {
    /// The method in capitals.
    pub method: &'a str,
    /// The path of the URL, without its query.
    pub path: &'a str,
    /// The header fields.
    pub headers: &'a Headers,
    /// Where the body comes from.
    pub body: B,
}

impl<B> fmt::Debug for Incoming<'_, B> {
    /// Method and path only: headers hold the caller's credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// A body that arrives in pieces.
pub trait BodySource {
    /// The next piece; nothing at the end.
    fn chunk(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, BodyError>>;
}

/// The body could not be read to its end: the caller went away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body ended early")]
pub struct BodyError;

/// A body that is there already.
#[derive(Debug, Default)]
pub struct WholeBody(Option<Vec<u8>>);

impl WholeBody {
    /// A body of these bytes.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(Some(bytes))
    }
}

impl BodySource for WholeBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, BodyError> {
        Ok(self.0.take())
    }
}

/// Whether the body is said to be JSON.
pub(crate) fn is_json(headers: &Headers) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(wire::JSON)
}

/// Why a body was not read.
pub(crate) enum Unread {
    TooLarge,
    Broken,
    /// It is not the one of `Content-Digest`.
    Other,
}

impl Unread {
    /// The answer to it. That a body broke off is told to the log, too.
    pub(crate) fn problem(self, limit: usize, record: &mut LogRecord) -> Problem {
        match self {
            Self::TooLarge => Problem::new(ProblemCode::TooLarge)
                .detail(format!("The request is larger than the {limit} bytes that are taken.")),
            Self::Other => Problem::new(ProblemCode::ContentDigest),
            Self::Broken => {
                record.failed = "body";
                Problem::new(ProblemCode::Malformed).detail("The body ended early.")
            }
        }
    }
}

/// Reads a body of at most `limit` bytes, the one that `Content-Digest` tells if there is such a field. One whose
/// `Content-Length` tells that it is larger is not touched, nor is one whose digest cannot be checked.
pub(crate) async fn read(headers: &Headers, mut body: impl BodySource, limit: usize) -> Result<Vec<u8>, Unread> {
    let announced = headers.get("Content-Length").map(str::trim).filter(|length| !length.is_empty());
    if let Some(length) = announced.filter(|length| length.bytes().all(|byte| byte.is_ascii_digit())) {
        // A length that does not even fit a number is surely too large.
        if length.parse().is_ok_and(|length: usize| length <= limit) { Ok(()) } else { Err(Unread::TooLarge) }?;
    }
    let told = Announced::of(headers);
    if matches!(told, Announced::Unreadable) {
        return Err(Unread::Other);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = body.chunk().await.map_err(|_| Unread::Broken)? {
        if chunk.len() > limit - bytes.len() {
            return Err(Unread::TooLarge);
        }
        if bytes.is_empty() {
            bytes = chunk;
        } else {
            bytes.extend_from_slice(&chunk);
        }
    }
    if told.is(&bytes) { Ok(bytes) } else { Err(Unread::Other) }
}

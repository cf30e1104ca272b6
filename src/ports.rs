//! All that the core asks of the outside world.
//!
//! Nothing else in the crate does I/O, reads a clock or rolls dice. So client, broker and emulator can run together in one
//! process on virtual time, and a seed replays a run. The traits are for one thread, as an isolate and a page are: their
//! futures need not be `Send`.
//!
//! A future that is dropped gives up what it was doing; that is how a request is aborted and a sleep is cut short.
#![allow(async_fn_in_trait, reason = "an isolate and a page have one thread, so no bound is wanted")]

use std::{any::Any, fmt, rc::Rc};

/// Sends HTTP requests, as the Fetch standard's `fetch` does.
pub trait Http {
    /// Sends the request and reads the whole body of the answer. Any status is an answer, not an error.
    async fn send(&self, request: Request) -> Result<Response, HttpError>;
}

/// Tells the time and waits.
pub trait Clock {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now_ms(&self) -> u64;
    /// Resolves after that many milliseconds.
    async fn sleep(&self, ms: u64);
}

/// A cryptographically secure source of random bytes.
pub trait Random {
    /// Fills the whole buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// A durable store of small values, such as the storage of a Durable Object.
pub trait Store {
    /// The value under the key, if there is one.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// Sets the value under the key; it is durable once the future resolves.
    async fn put(&self, key: &str, value: &[u8]) -> Result<(), StoreError>;
    /// Removes the key; a key that is not there is no error.
    async fn delete(&self, key: &str) -> Result<(), StoreError>;
}

/// A durable table of values in the order of their keys, such as SQLite in a Durable Object, with an alarm that outlives the
/// process.
pub trait Table {
    /// The value under the key, if there is one.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// The first `limit` keys that are not before `from` and before `to`, with their values, in the order of their bytes. It ends
    /// before the row whose value would make it more than `max_bytes`, but for the first.
    async fn list(
        &self,
        from: &str,
        to: &str,
        limit: usize,
        max_bytes: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError>;
    /// Does all of it or nothing. What is read from then on has it; it is durable once [`Self::sync`] has resolved, and never before
    /// what was committed earlier. Of two writes to one key the later counts.
    async fn commit(&self, writes: Vec<Write>, wake: Wake) -> Result<(), StoreError>;
    /// Resolves once all that has been committed is durable. Nothing to do for a table whose commits are durable at once.
    async fn sync(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// A change of one key.
#[derive(Clone, PartialEq, Eq)]
pub enum Write {
    /// Sets the value under the key.
    Put(String, Vec<u8>),
    /// Removes the key; a key that is not there is no error.
    Delete(String),
}

impl fmt::Debug for Write {
    /// Key and size only: values hold buyers' data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put(key, value) => write!(f, "put {key} ({} bytes)", value.len()),
            Self::Delete(key) => write!(f, "delete {key}"),
        }
    }
}

/// When the alarm of a table rings next. It rings at least once; one whose work failed rings again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// At this time, in milliseconds since 1970; at once if it has passed.
    At(u64),
    /// Not at all.
    Never,
}

impl<T: Table> Table for Rc<T> {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        (**self).get(key).await
    }
    async fn list(
        &self,
        from: &str,
        to: &str,
        limit: usize,
        max_bytes: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        (**self).list(from, to, limit, max_bytes).await
    }
    async fn commit(&self, writes: Vec<Write>, wake: Wake) -> Result<(), StoreError> {
        (**self).commit(writes, wake).await
    }
    async fn sync(&self) -> Result<(), StoreError> {
        (**self).sync().await
    }
}

impl<T: Http> Http for Rc<T> {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        (**self).send(request).await
    }
}

impl<T: Clock> Clock for Rc<T> {
    fn now_ms(&self) -> u64 {
        (**self).now_ms()
    }
    async fn sleep(&self, ms: u64) {
        (**self).sleep(ms).await;
    }
}

impl<T: Random> Random for Rc<T> {
    fn fill(&self, buffer: &mut [u8]) {
        (**self).fill(buffer);
    }
}

impl<T: Store> Store for Rc<T> {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        (**self).get(key).await
    }
    async fn put(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        (**self).put(key, value).await
    }
    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        (**self).delete(key).await
    }
}

/// Header fields in the order they were added; names are matched without regard to case (RFC 9110, section 5.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// No header fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The first field of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Sets a field, replacing those of the same name.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        let name = name.into();
        self.remove(&name);
        self.0.push((name, value.into()));
    }

    /// Removes the fields of that name.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// Sets a field and returns the headers, for building them in one expression.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.set(name, value);
        self
    }

    /// Name and value of each field.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl From<Vec<(String, String)>> for Headers {
    /// Fields as they stand; a name that is there twice stays there twice.
    fn from(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// A request to send, its body complete.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method in capitals, such as `POST`.
    pub method: &'static str,
    /// An absolute URL.
    pub url: String,
    /// The header fields.
    pub headers: Headers,
    /// The body; empty for none.
    pub body: Vec<u8>,
}

impl fmt::Debug for Request {
    /// Method, URL and size only: headers hold credentials and bodies hold buyers' data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({} bytes)", self.method, self.url, self.body.len())
    }
}

/// An answer, its body read to the end.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code, 100 to 599.
    pub status: u16,
    /// The header fields.
    pub headers: Headers,
    /// The whole body.
    pub body: Vec<u8>,
}

impl fmt::Debug for Response {
    /// Status and size only: bodies hold tokens and buyers' data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.status, self.body.len())
    }
}

/// Why a request got no whole answer. Unless it is [`HttpErrorKind::Invalid`], nobody knows whether
/// the other side acted.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct HttpError {
    /// How far it came.
    pub kind: HttpErrorKind,
    /// What the runtime said, without header values or body text.
    pub message: String,
    /// The runtime's own error, for the caller to find as the cause; opaque to the core.
    pub cause: Cause,
}

/// How far a request came that got no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HttpErrorKind {
    /// No answer began: refused, cut before the headers, a name that does not resolve, CORS. Fetch does not tell which.
    Connection,
    /// The answer began and was cut while its body was read.
    Body,
    /// The body is larger than the reader's limit.
    TooLarge,
    /// The request could not be formed, so nothing was sent: a URL or header that is not well formed.
    Invalid,
}

/// A value of the runtime that travels through the core untouched.
#[derive(Clone, Default)]
pub struct Cause(pub Option<Rc<dyn Any>>);

impl fmt::Debug for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Cause(..)" } else { "Cause(none)" })
    }
}

/// The store could not read or write.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(pub String);

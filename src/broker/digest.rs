//! `Content-Digest` (RFC 9530): the digest of a body, told before the body comes.

use crate::{ports::Headers, wire::header};
use base64ct::{Base64, Encoding};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// What a request tells of its body.
pub(super) enum Announced {
    /// Nothing.
    Nothing,
    /// Its SHA-256.
    Digest(Vec<u8>),
    /// Nothing that can be checked, though it tells something.
    Unreadable,
}

impl Announced {
    /// Reads the header field. Digests by other algorithms are passed over, as the RFC has it; but who sends one wants it to
    /// be checked, so there must be a SHA-256, and only one.
    pub(super) fn of(headers: &Headers) -> Self {
        let Some(field) = headers.get(header::CONTENT_DIGEST) else { return Self::Nothing };
        let mut digests = field.split(',').filter_map(|member| member.trim().strip_prefix("sha-256="));
        let only = match (digests.next(), digests.next()) {
            (Some(digest), None) => digest.strip_prefix(':').and_then(|digest| digest.strip_suffix(':')),
            _ => None,
        };
        let digest = only.and_then(|digest| Base64::decode_vec(digest).ok()).filter(|digest| digest.len() == 32);
        digest.map_or(Self::Unreadable, Self::Digest)
    }

    /// Whether the body is the one that was announced, if one was.
    pub(super) fn is(&self, body: &[u8]) -> bool {
        match self {
            Self::Nothing => true,
            Self::Digest(digest) => digest.ct_eq(&Sha256::digest(body)).into(),
            Self::Unreadable => false,
        }
    }
}

//! `Content-Digest` (RFC 9530): the digest of a body, told before the body comes.

use crate::{
    ports::Headers,
    wire::{Problem, ProblemCode, header},
};
use base64ct::{Base64, Encoding};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;

/// The SHA-256 that the header field tells; nothing if there is no such field. Digests by other algorithms are passed over, as
/// the RFC has it.
///
/// # Errors
/// If the field has no SHA-256, or more than one: who sends a digest wants it to be checked.
pub(super) fn announced(headers: &Headers) -> Result<Option<Vec<u8>>, Problem> {
    let Some(field) = headers.get(header::CONTENT_DIGEST) else { return Ok(None) };
    let mut digests = field.split(',').filter_map(|member| member.trim().strip_prefix("sha-256="));
    let only = match (digests.next(), digests.next()) {
        (Some(digest), None) => digest.strip_prefix(':').and_then(|digest| digest.strip_suffix(':')),
        _ => None,
    };
    let digest = only.and_then(|digest| Base64::decode_vec(digest).ok()).filter(|digest| digest.len() == 32);
    digest.map(Some).ok_or_else(|| Problem::new(ProblemCode::ContentDigest))
}

/// Whether the body is the one that was announced.
pub(super) fn check(announced: Option<&[u8]>, body: &[u8]) -> Result<(), Problem> {
    let is_it = announced.is_none_or(|digest| digest.ct_eq(&Sha256::digest(body)).into());
    if is_it { Ok(()) } else { Err(Problem::new(ProblemCode::ContentDigest)) }
}

//! Sessions of pages: what is issued is known again, and nothing else is.

use crate::harness::ORIGIN;
use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use pb_fulfillment::{
    broker::{
        Principal, Secret, Session, SessionError, SessionOptions, SessionRefusal, Sessions, SigningKey, SigningKeyError,
    },
    ports::Headers,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Sha256;

const NOW_MS: u64 = 1_800_000_000_500;
const NOW_S: u64 = NOW_MS / 1000;
const SECRET: &str = "a secret of thirty-two bytes, or more";
const OLD_SECRET: &str = "the secret that was used before this one";

fn key(id: &str, secret: &str) -> SigningKey {
    SigningKey::new(id, Secret::new(secret)).unwrap()
}

fn sessions() -> Sessions {
    Sessions::new(vec![key("new", SECRET), key("old", OLD_SECRET)], SessionOptions::default()).unwrap()
}

fn session() -> Session {
    Session {
        principal: Principal {
            subject: "user-7 \"Ann\"".into(),
            client_ids: vec!["1234".into(), "NORTHWIND".into()],
            scopes: vec!["orders:write".into(), "orders:read".into()],
        },
        origin: ORIGIN.into(),
    }
}

fn issued() -> String {
    sessions().issue(&session(), NOW_MS).unwrap().token
}

/// What a request with this token is found to be, from a page of the usual origin.
fn find(token: &str, now_ms: u64) -> Result<Principal, SessionRefusal> {
    let headers = Headers::new().with("Authorization", format!("Bearer {token}"));
    sessions().find(&headers, None, Some(ORIGIN), now_ms)
}

fn sign(signed: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes())
}

/// A token of these texts, well signed.
fn forge(header: &str, claims: &str) -> String {
    let part = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let signed = format!("{}.{}", part(header), part(claims));
    format!("{signed}.{}", sign(&signed, SECRET))
}

fn header() -> Value {
    json!({ "alg": "HS256", "typ": "pb-fulfillment-session+jwt", "kid": "new" })
}

fn claims() -> Value {
    json!({ "aud": "pb-fulfillment", "sub": "user-7", "iat": NOW_S, "exp": NOW_S + 900, "scope": "orders:write",
            "client_ids": ["1234"], "origin": ORIGIN })
}

/// The same with another member, or without it.
fn with(mut object: Value, name: &str, value: Option<Value>) -> String {
    let members = object.as_object_mut().unwrap();
    match value {
        Some(value) => members.insert(name.into(), value),
        None => members.remove(name),
    };
    object.to_string()
}

#[test]
fn what_was_issued_is_known_again() {
    let issued = sessions().issue(&session(), NOW_MS).unwrap();
    assert_eq!(issued.expires_at_ms, (NOW_S + 900) * 1000);
    assert_eq!(find(&issued.token, NOW_MS), Ok(session().principal));
    assert!(!format!("{issued:?}").contains(&issued.token));
    let parts: Vec<&str> = issued.token.split('.').collect();
    let read = |part: &str| -> Value { serde_json::from_slice(&Base64UrlUnpadded::decode_vec(part).unwrap()).unwrap() };
    assert_eq!(read(parts[0]), header());
    assert_eq!(
        read(parts[1]),
        json!({ "aud": "pb-fulfillment", "sub": "user-7 \"Ann\"", "iat": NOW_S, "exp": NOW_S + 900,
                "scope": "orders:write orders:read", "client_ids": ["1234", "NORTHWIND"], "origin": ORIGIN })
    );
    assert_eq!(parts[2], sign(&format!("{}.{}", parts[0], parts[1]), SECRET));
}

#[test]
fn a_token_of_any_library_is_taken() {
    for (header, claims) in [
        (header().to_string(), claims().to_string()),
        (with(header(), "typ", Some("PB-Fulfillment-Session+JWT".into())), claims().to_string()),
        (with(header(), "jku", Some("https://evil.example/keys".into())), with(claims(), "jti", Some("1".into()))),
        (header().to_string(), with(claims(), "aud", Some(json!(["other", "pb-fulfillment"])))),
        (header().to_string(), with(claims(), "nbf", Some((NOW_S + 30).into()))),
        (header().to_string(), with(claims(), "scope", Some("openid  orders:write".into()))),
    ] {
        assert!(find(&forge(&header, &claims), NOW_MS).is_ok(), "{header} {claims}");
    }
}

#[test]
fn only_the_one_algorithm_and_type_are_taken() {
    let claims = claims().to_string();
    for algorithm in ["none", "None", "", "hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA"] {
        let token = forge(&with(header(), "alg", Some(algorithm.into())), &claims);
        assert_eq!(find(&token, NOW_MS), Err(SessionRefusal::Algorithm), "{algorithm}");
        let (signed, _) = token.rsplit_once('.').unwrap();
        assert_eq!(find(&format!("{signed}."), NOW_MS), Err(SessionRefusal::Algorithm), "{algorithm}");
    }
    for alg in [None, Some(json!(["HS256"])), Some(Value::Null)] {
        assert_eq!(find(&forge(&with(header(), "alg", alg), &claims), NOW_MS), Err(SessionRefusal::Algorithm));
    }
    for typ in [None, Some(json!("JWT")), Some(json!("at+jwt")), Some(json!(1))] {
        assert_eq!(find(&forge(&with(header(), "typ", typ), &claims), NOW_MS), Err(SessionRefusal::Type));
    }
    for kid in [None, Some(json!("")), Some(json!("other")), Some(json!("old\u{0}")), Some(json!(["new"]))] {
        assert_eq!(find(&forge(&with(header(), "kid", kid), &claims), NOW_MS), Err(SessionRefusal::Key));
    }
    // The name of a key does not lend its secret to another.
    let token = forge(&with(header(), "kid", Some("old".into())), &claims);
    assert_eq!(find(&token, NOW_MS), Err(SessionRefusal::Signature));
    let critical = with(header(), "crit", Some(json!(["b64"])));
    assert_eq!(find(&forge(&critical, &claims), NOW_MS), Err(SessionRefusal::Malformed));
}

#[test]
fn a_token_holds_in_its_time_only() {
    let token = issued();
    let at = |seconds: i64| find(&token, NOW_MS.saturating_add_signed(seconds * 1000)).err();
    assert_eq!(at(0), None);
    assert_eq!(at(-30), None, "the clocks may be that far apart");
    assert_eq!(at(-31), Some(SessionRefusal::NotYetValid));
    assert_eq!(at(929), None);
    assert_eq!(at(930), Some(SessionRefusal::Expired));
    assert_eq!(at(1_000_000), Some(SessionRefusal::Expired));
    let find = |name: &str, value: Option<Value>| {
        find(&forge(&header().to_string(), &with(claims(), name, value)), NOW_MS).err()
    };
    assert_eq!(find("nbf", Some((NOW_S + 31).into())), Some(SessionRefusal::NotYetValid));
    assert_eq!(find("exp", Some((NOW_S + 901).into())), Some(SessionRefusal::LongLived));
    assert_eq!(find("exp", Some(u64::MAX.into())), Some(SessionRefusal::LongLived));
    assert_eq!(find("iat", Some(0.into())), Some(SessionRefusal::LongLived));
    for name in ["exp", "iat"] {
        for value in [None, Some(json!("1800000000")), Some(json!(-1)), Some(json!(1.5)), Some(json!(1e300))] {
            assert_eq!(find(name, value), Some(SessionRefusal::Claims), "{name}");
        }
    }
    assert_eq!(find("nbf", Some(json!("soon"))), Some(SessionRefusal::Claims));
}

#[test]
fn a_token_holds_for_its_origin_and_audience_only() {
    let headers = Headers::new().with("Authorization", format!("Bearer {}", issued()));
    for origin in [
        None,
        Some(""),
        Some("null"),
        Some("https://evil.example"),
        Some("http://shop.example.com"),
        Some("https://shop.example.com/"),
        Some("https://SHOP.example.com"),
    ] {
        assert_eq!(sessions().find(&headers, None, origin, NOW_MS), Err(SessionRefusal::Origin), "{origin:?}");
    }
    let options = SessionOptions { audience: "another broker".into(), ..SessionOptions::default() };
    let other = Sessions::new(vec![key("new", SECRET)], options).unwrap();
    assert_eq!(other.find(&headers, None, Some(ORIGIN), NOW_MS), Err(SessionRefusal::Audience));
    let find = |name: &str, value: Option<Value>| {
        find(&forge(&header().to_string(), &with(claims(), name, value)), NOW_MS).err()
    };
    for audience in [None, Some(json!("")), Some(json!("PB-fulfillment")), Some(json!([])), Some(json!({}))] {
        assert_eq!(find("aud", audience), Some(SessionRefusal::Audience));
    }
    assert_eq!(find("origin", None), Some(SessionRefusal::Claims));
    assert_eq!(find("origin", Some(json!([ORIGIN]))), Some(SessionRefusal::Claims));
}

#[test]
fn claims_that_are_not_what_they_must_be_are_refused() {
    for (name, value) in [
        ("sub", None),
        ("sub", Some(json!(""))),
        ("sub", Some(json!(7))),
        ("client_ids", None),
        ("client_ids", Some(json!("1234"))),
        ("client_ids", Some(json!([1234]))),
        ("client_ids", Some(json!(["1234", ""]))),
        ("scope", None),
        ("scope", Some(json!(["orders:write"]))),
    ] {
        let token = forge(&header().to_string(), &with(claims(), name, value.clone()));
        assert_eq!(find(&token, NOW_MS), Err(SessionRefusal::Claims), "{name} {value:?}");
    }
}

#[test]
fn one_token_has_one_text() {
    let (head, body) = (header().to_string(), claims().to_string());
    let good = forge(&head, &body);
    assert!(find(&good, NOW_MS).is_ok());
    let parts: Vec<&str> = good.split('.').collect();
    for token in [
        String::new(),
        ".".into(),
        "..".into(),
        "a.b".into(),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}=",),
        format!("{}==.{}.{}", parts[0], parts[1], parts[2]),
        format!("{}.{}.{} x", parts[0], parts[1], parts[2]),
        format!("{good}, Bearer {good}"),
        good.replace('.', "\u{2e}\u{200b}"),
        // The last digit of 32 bytes holds four bits only; these two hold more.
        format!("{}{}", &good[..good.len() - 1], if good.ends_with('A') { 'B' } else { twin(&good) }),
        forge("[]", &body),
        forge("\"HS256\"", &body),
        forge(&head, "{"),
        forge(&head, "[]"),
        forge(&format!("{head}x"), &body),
        forge(&head.replacen('{', "{\"alg\":\"none\",", 1), &body),
        forge(&head.replacen('{', "{\"\\u0061lg\":\"HS256\",", 1), &body),
        forge(&head, &body.replacen('{', "{\"sub\":\"admin\",", 1)),
        forge(&head, &body.replacen('{', "{\"x\":[{\"y\":1,\"y\":2}],", 1)),
    ] {
        let refusal = find(&token, NOW_MS).unwrap_err();
        assert_eq!(refusal, SessionRefusal::Malformed, "{token}");
    }
    let long = forge(&head, &with(claims(), "x", Some("x".repeat(4000).into())));
    assert_eq!(find(&long, NOW_MS), Err(SessionRefusal::Malformed));
    assert_eq!(find(&"a".repeat(50_000_000), NOW_MS), Err(SessionRefusal::Malformed));
}

/// The digit after the last one: it stands for the same bytes, with bits that must be zero.
fn twin(token: &str) -> char {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = DIGITS.find(token.chars().last().unwrap()).unwrap();
    DIGITS.chars().nth(at + 1).unwrap()
}

#[test]
fn the_token_is_that_of_the_one_header_field_or_the_one_cookie() {
    let (token, sessions) = (issued(), sessions());
    let cookie = "__Host-session";
    let find = |fields: &[(&str, String)]| {
        let headers = fields.iter().map(|(name, value)| (*name, value.clone())).collect();
        sessions.find(&headers, Some(cookie), Some(ORIGIN), NOW_MS).map(|principal| principal.subject)
    };
    let found = Ok(session().principal.subject);
    assert_eq!(find(&[("authorization", format!("bearer  {token} "))]), found);
    assert_eq!(find(&[("Cookie", format!("a=b; {cookie}={token}; c=d"))]), found);
    assert_eq!(find(&[("Cookie", format!("{cookie}={token}"))]), found);
    assert_eq!(find(&[]), Err(SessionRefusal::Missing));
    assert_eq!(
        find(&[("Cookie", format!("x{cookie}={token}; {}={token}", cookie.to_lowercase()))]),
        Err(SessionRefusal::Missing)
    );
    // Somebody else has set one, too.
    assert_eq!(find(&[("Cookie", format!("{cookie}={token}; {cookie}={token}"))]), Err(SessionRefusal::Malformed));
    // A header that is there counts, whatever cookies there are.
    for value in ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer x", &token] {
        let fields = [("Authorization", value.to_owned()), ("Cookie", format!("{cookie}={token}"))];
        assert_eq!(find(&fields), Err(SessionRefusal::Malformed), "{value}");
    }
    let headers = Headers::new().with("Cookie", format!("{cookie}={token}"));
    assert_eq!(sessions.find(&headers, None, Some(ORIGIN), NOW_MS), Err(SessionRefusal::Missing));
}

#[test]
fn keys_change_without_a_session_being_lost() {
    let by = |keys: Vec<SigningKey>| Sessions::new(keys, SessionOptions::default()).unwrap();
    let old = by(vec![key("old", OLD_SECRET)]).issue(&session(), NOW_MS).unwrap().token;
    assert!(find(&old, NOW_MS).is_ok(), "the old key is still known");
    let headers = Headers::new().with("Authorization", format!("Bearer {old}"));
    let gone = by(vec![key("new", SECRET)]).find(&headers, None, Some(ORIGIN), NOW_MS);
    assert_eq!(gone, Err(SessionRefusal::Key));
    let twice = Sessions::new(vec![key("a", SECRET), key("a", OLD_SECRET)], SessionOptions::default());
    assert_eq!(twice.err(), Some(SigningKeyError::Twice("a".into())));
    assert_eq!(Sessions::new(Vec::new(), SessionOptions::default()).err(), Some(SigningKeyError::None));
}

#[test]
fn a_session_that_would_let_nobody_in_is_not_issued() {
    let issue = |change: fn(&mut Session)| {
        let mut session = session();
        change(&mut session);
        sessions().issue(&session, NOW_MS).err()
    };
    assert_eq!(issue(|session| session.principal.subject.clear()), Some(SessionError::Subject));
    assert_eq!(issue(|session| session.principal.client_ids.clear()), Some(SessionError::ClientIds));
    assert_eq!(issue(|session| session.principal.client_ids.push(String::new())), Some(SessionError::ClientIds));
    assert_eq!(
        issue(|session| session.principal.scopes.push("order:write".into())),
        Some(SessionError::Scope("order:write".into()))
    );
    assert_eq!(issue(|session| session.origin = "*".into()), Some(SessionError::Origin("*".into())));
    let long = issue(|session| session.principal.subject = "x".repeat(4000));
    assert!(matches!(long, Some(SessionError::TooLong(5000..6000))), "{long:?}");
}

proptest! {
    #[test]
    fn a_token_that_was_changed_anywhere_is_refused(at in 0usize..1000, digit in "[A-Za-z0-9_.-]") {
        let token = issued();
        let at = at % token.len();
        let changed = format!("{}{digit}{}", &token[..at], &token[at + 1..]);
        prop_assume!(changed != token);
        prop_assert!(find(&changed, NOW_MS).is_err());
        prop_assert!(find(&token[..at], NOW_MS).is_err());
    }

    #[test]
    fn no_text_is_taken_for_a_token(token in "\\PC{0,200}|[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}\\.[A-Za-z0-9_-]{0,60}") {
        prop_assert!(find(&token, NOW_MS).is_err());
    }
}

//! The search for secrets, and an API that repeats them.

use super::*;
use crate::harness::{API_KEY, API_SECRET, World, leaks::Leaks};

fn token(world: &World) -> String {
    let sent = world.line.sent_to("/orders/bulk");
    sent[0].headers.get("Authorization").unwrap().strip_prefix("Bearer ").unwrap().to_owned()
}

#[test]
fn the_search_finds_a_secret_in_each_form() {
    for shown in [
        "s3cr3t?>~\u{ff}&=%:+/9876543210",
        "s3cr3t%3F%3E~%C3%BF%26%3D%25%3A%2B%2F9876543210",
        "s3cr3t%3f%3e~%c3%bf%26%3d%25%3a%2b%2f9876543210",
        // base64 of the secret, of "key:secret" and of "x:secret"; base64url of the secret.
        "czNjcjN0Pz5+w78mPSU6Ky85ODc2NTQzMjEw",
        "azN5L0vDqXkrMDEyMzQ1Njc4OTpzM2NyM3Q/Pn7DvyY9JTorLzk4NzY1NDMyMTA=",
        "eDpzM2NyM3Q/Pn7DvyY9JTorLzk4NzY1NDMyMTA=",
        "czNjcjN0Pz5-w78mPSU6Ky85ODc2NTQzMjEw",
    ] {
        let leaks = Leaks::new(&[API_SECRET]);
        leaks.shown(&format!("x{shown}y"));
        assert_eq!(leaks.found().len(), 1, "{shown}");
    }
    let leaks = Leaks::new(&[API_KEY, API_SECRET]);
    leaks.shown("s3cr3t k3y czNjcjN0");
    assert_eq!(leaks.found(), []);
}

#[test]
fn tokens_are_among_the_secrets_that_are_searched_for() {
    let world = World::default();
    assert_eq!(world.bulk(&body(&["a"])).status, 200);
    world.leaks.check();
    world.leaks.shown(&format!("Bearer {}", token(&world)));
    assert_eq!(world.leaks.found().len(), 1);
    // This world has shown its token on purpose.
    std::mem::forget(world);
}

#[test]
fn an_api_that_repeats_the_token_does_not_give_it_away() {
    let world = World::default();
    assert_eq!(world.bulk(&body(&["a"])).status, 200);
    let token = token(&world);
    let answers = [
        (400, json!({ "errors": [{ "errorCode": token, "errorDescription": format!("header Bearer {token} is odd"),
                                   "additionalInfo": token, "parameters": [token] }] }).to_string()),
        (403, format!("<html>Authorization: Bearer {token}</html>")),
        (500, format!("[{{\"key\":\"{token}\",\"message\":\"{token}{token}\"}}]")),
        (200, json!({ "orders": [{ "clientId": "1234", "clientOrderId": "a", "orderId": "O1", "debug": token }], "t": token }).to_string()),
        (200, token.clone()),
    ];
    for (status, text) in answers {
        let response = Response {
            status,
            headers: [("Set-Cookie", token.as_str()), ("Retry-After", &token)].into_iter().collect(),
            body: text.into_bytes(),
        };
        world.line.script.borrow_mut().push_back(Ok(response));
        world.bulk(&body(&["a"]));
    }
}

#[test]
fn a_token_call_that_repeats_the_credentials_does_not_give_them_away() {
    let world = World::default();
    let basic = {
        world.bulk(&body(&["a"]));
        world.line.sent_to("/oauth/token")[0].headers.get("Authorization").unwrap().to_owned()
    };
    let world = World::default();
    let text = json!({ "errors": [{ "errorCode": "PB-APIM-ERR-0401",
        "errorDescription": format!("{API_KEY}:{API_SECRET} sent as {basic}"), "parameters": [basic, API_SECRET] }] });
    let response = Response {
        status: 401,
        headers: [("WWW-Authenticate", "Basic")].into_iter().collect(),
        body: text.to_string().into_bytes(),
    };
    world.line.script.borrow_mut().push_back(Ok(response));
    let value = problem(&world.bulk(&body(&["a"])), 502, "upstream_auth");
    assert_eq!(value["upstream"]["errors"][0]["errorCode"], "PB-APIM-ERR-0401");
    assert_eq!(value["upstream"]["errors"][0]["errorDescription"], "[redacted]:[redacted] sent as Basic [redacted]");
}

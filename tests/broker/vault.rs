//! The token vault: who waits, who renews, and how often the API is asked.

use super::*;
use crate::harness::{BULK, VaultOf, World, credentials, page_headers};
use futures_util::{FutureExt, future::join_all};
use pb_fulfillment::{
    broker::{Credentials, Secret, Token, TokenError, TokenVault, Upstream, Vault, WholeBody},
    emulator::EmulatorOptions,
    ports::{Clock, Store},
};

/// A world whose tokens live this long, and whose token calls take a second.
fn slow(token_lifetime_s: u64) -> World {
    let world = World::new(|_| (), EmulatorOptions { token_lifetime_s, ..EmulatorOptions::default() });
    latency(&world);
    world
}

fn latency(world: &World) {
    let plan =
        json!({ "random": { "probability": 1, "faults": [{ "fault": "none", "on": "token", "latencyMs": 1000 }] } });
    set(world, &plan);
}

fn set(world: &World, plan: &Value) {
    world.api.set_faults(pb_fulfillment::emulator::FaultPlan::from_json(plan.to_string().as_bytes()).unwrap());
}

fn get(world: &World, rejected: Option<&Token>) -> Result<Token, TokenError> {
    world.clock.run(world.ports.vault.get_token(rejected.map(|token| token.value.expose())))
}

/// Another vault over the same store, as after an eviction.
fn reborn(world: &World) -> VaultOf {
    TokenVault::new(Upstream::Sandbox, credentials(), world.line.clone(), world.clock.clone(), world.store.clone())
}

#[test]
fn many_at_once_cause_one_token_call() {
    let world = slow(35_999);
    let headers = page_headers();
    let calls = (0..20).map(|_| world.ask("POST", BULK, &headers, WholeBody::new(body(&["a"]))));
    let answers = world.clock.run(join_all(calls));
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!((world.line.token_calls(), world.line.bulk_calls()), (1, 20));
    assert_eq!(world.bulk(&body(&["a"])).status, 200);
    assert_eq!(world.line.token_calls(), 1);
}

#[test]
fn many_at_once_with_a_rejected_token_cause_one_renewal() {
    let world = slow(35_999);
    let first = get(&world, None).unwrap();
    let rejected = || Some(first.value.expose());
    let renewed = world.clock.run(join_all((0..20).map(|_| world.ports.vault.get_token(rejected()))));
    assert_eq!(world.line.token_calls(), 2);
    let second = renewed[0].clone().unwrap();
    assert!(second != first && renewed.iter().all(|token| token.as_ref() == Ok(&second)));
    assert_eq!(get(&world, Some(&first)).unwrap(), second, "a token that was rejected before is not renewed again");
    assert_eq!(world.line.token_calls(), 2);
    let third = get(&world, Some(&second)).unwrap();
    assert!(third != second && world.line.token_calls() == 3);
    assert_eq!(world.line.most_under_way.get(), 1, "never two token calls under way");
}

#[test]
fn a_token_with_more_than_two_minutes_left_is_used() {
    let world = slow(600);
    let first = get(&world, None).unwrap();
    assert_eq!(first.expires_at_ms, world.clock.now_ms() - 1000 + 600_000);
    world.clock.run(world.clock.sleep(600_000 - 1000 - 120_001));
    assert_eq!(get(&world, None).unwrap(), first);
    assert_eq!(world.line.token_calls(), 1);
}

#[test]
fn between_two_minutes_and_half_a_minute_one_renews_and_the_others_do_not_wait() {
    let world = slow(600);
    let first = get(&world, None).unwrap();
    world.clock.run(world.clock.sleep(600_000 - 1000 - 120_000));
    let vault = &world.ports.vault;
    let timed = async |wait_ms: u64| {
        world.clock.sleep(wait_ms).await;
        let began_ms = world.clock.now_ms();
        let token = vault.get_token(None).await.unwrap();
        (token == first, world.clock.now_ms() - began_ms)
    };
    let seen = world.clock.run(join_all([timed(1), timed(2), timed(3), timed(2000)]));
    assert_eq!(seen, [(false, 1000), (true, 0), (true, 0), (false, 0)]);
    assert_eq!(world.line.token_calls(), 2);
}

#[test]
fn an_early_renewal_that_fails_leaves_the_old_token_in_use_for_a_while() {
    let world = slow(600);
    let first = get(&world, None).unwrap();
    world.clock.run(world.clock.sleep(500_000));
    set(&world, &json!({ "random": { "probability": 1, "faults": [{ "fault": "unavailable", "on": "token" }] } }));
    for _ in 0..3 {
        assert_eq!(get(&world, None).unwrap(), first);
    }
    assert_eq!(world.line.token_calls(), 2, "the next renewal is not tried at once");
    world.clock.run(world.clock.sleep(5000));
    assert_eq!(get(&world, None).unwrap(), first);
    assert_eq!(world.line.token_calls(), 3);
}

#[test]
fn with_less_than_half_a_minute_all_wait() {
    let world = slow(600);
    let first = get(&world, None).unwrap();
    world.clock.run(world.clock.sleep(600_000 - 1000 - 29_999));
    let tokens = world.clock.run(join_all((0..3).map(|_| world.ports.vault.get_token(None))));
    assert!(tokens.iter().all(|token| token.as_ref().is_ok_and(|token| *token != first)));
    assert_eq!(world.line.token_calls(), 2);
    world.clock.run(world.clock.sleep(600_000 - 1000 - 29_999));
    set(&world, &json!({ "script": [{ "fault": "unavailable", "on": "token", "retryAfter": 9 }] }));
    assert_eq!(get(&world, None), Err(TokenError::Unavailable { retry_after_s: Some(9) }));
}

#[test]
fn a_token_outlives_an_eviction_unless_it_was_rejected() {
    let world = slow(35_999);
    let first = get(&world, None).unwrap();
    let vault = reborn(&world);
    assert_eq!(world.clock.run(vault.get_token(None)).unwrap(), first);
    assert_eq!(world.line.token_calls(), 1);

    let vault = reborn(&world);
    let second = world.clock.run(vault.get_token(Some(first.value.expose()))).unwrap();
    assert!(second != first && world.line.token_calls() == 2);
    assert_eq!(world.clock.run(reborn(&world).get_token(None)).unwrap(), second);

    set(&world, &json!({ "script": [{ "fault": "refuse", "on": "token" }] }));
    let lost = world.clock.run(vault.get_token(Some(second.value.expose())));
    assert_eq!(lost, Err(TokenError::Unavailable { retry_after_s: None }));
    assert_eq!(world.clock.run(world.store.get("token")).unwrap(), None, "a rejected token is not kept");
}

/// Credentials as the emulator knows them, but for the secret.
fn rotated() -> Credentials {
    Credentials { api_secret: Secret::new("another secret"), ..credentials() }
}

#[test]
fn a_changed_secret_is_used_at_the_next_token_call() {
    let world = slow(600);
    world.ports.vault.set_credentials(rotated());
    assert!(matches!(get(&world, None), Err(TokenError::Refused { .. })), "the API does not know it");
    world.ports.vault.set_credentials(credentials());
    let first = get(&world, None).unwrap();
    world.ports.vault.set_credentials(rotated());
    assert_eq!(get(&world, None).unwrap(), first, "the token still holds");
    assert_eq!(world.line.token_calls(), 2);
    assert!(matches!(get(&world, Some(&first)), Err(TokenError::Refused { .. })));
    world.ports.vault.set_credentials(credentials());
    let second = get(&world, None).unwrap();
    let calls = world.line.token_calls();
    world.ports.vault.set_credentials(credentials());
    assert_eq!((get(&world, None).unwrap(), world.line.token_calls()), (second, calls), "the same are no change");
}

#[test]
fn a_token_call_under_way_with_the_old_secret_does_not_count_for_the_new_one() {
    let world = slow(600);
    let vault = &world.ports.vault;
    vault.set_credentials(rotated());
    let later = async {
        world.clock.sleep(500).await;
        vault.set_credentials(credentials());
        vault.get_token(None).await
    };
    let [old, new] =
        world.clock.run(join_all([vault.get_token(None).boxed_local(), later.boxed_local()])).try_into().unwrap();
    assert!(matches!(old, Err(TokenError::Refused { .. })) && new.is_ok());
    assert_eq!((get(&world, None), world.line.token_calls()), (new, 2));
}

#[test]
fn a_token_of_another_key_is_not_used() {
    let world = slow(600);
    let first = get(&world, None).unwrap();
    world.ports.vault.set_credentials(Credentials { api_key: Secret::new("another key"), ..credentials() });
    assert!(matches!(get(&world, None), Err(TokenError::Refused { .. })));
    world.ports.vault.set_credentials(credentials());
    assert!(get(&world, None).unwrap() != first);
}

#[test]
fn a_store_that_holds_nonsense_is_no_obstacle() {
    let world = slow(35_999);
    world.clock.run(world.store.put("token", b"{\"token\":7}")).unwrap();
    assert!(get(&world, None).is_ok());
}

#[test]
fn a_caller_that_goes_away_leaves_no_refresh_stuck() {
    let world = slow(35_999);
    {
        let mut waiting = Box::pin(world.ports.vault.get_token(None));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(waiting.as_mut().poll(&mut context).is_pending());
    }
    assert!(get(&world, None).is_ok());
    assert_eq!(world.line.token_calls(), 1);
}

#[test]
fn an_expired_token_in_an_isolates_memory_is_fetched_again() {
    let world = slow(600);
    assert_eq!(world.bulk(&body(&["a"])).status, 200);
    world.clock.run(world.clock.sleep(700_000));
    assert_eq!(world.bulk(&body(&["a"])).status, 200);
    assert_eq!((world.line.token_calls(), world.line.bulk_calls()), (2, 2), "no call was made with the old token");
}

#[test]
fn tokens_and_errors_are_shown_without_their_text() {
    let token = Token { value: Secret::new("abcdefgh"), expires_at_ms: 7 };
    assert_eq!(format!("{token:?}"), "Token { value: Secret(..), expires_at_ms: 7 }");
    let world = World::default();
    let refused = TokenError::Refused { status: 401, errors: Vec::new() };
    world.leaks.shown(&format!("{refused} {refused:?} {:?}", world.ports.vault));
}

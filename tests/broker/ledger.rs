//! An entry of the ledger: who may send, what a repeat is told, and what a crash at any point leaves behind.

use crate::support::{MemoryStore, VirtualClock};
use futures_util::future::join;
use pb_fulfillment::{
    broker::{Begun, Claim, Digest, LedgerEntry, LedgerTimes, Recorded, Settlement},
    ports::{Clock, Store, StoreError},
};
use std::{cell::Cell, rc::Rc};

const BYTES: Digest = [0xA5; 32];
const OTHER: Digest = [0x5A; 32];

/// A store that stops after so many operations, before or after the last has taken effect.
#[derive(Clone)]
struct Dying {
    inner: MemoryStore,
    clock: VirtualClock,
    left: Rc<Cell<usize>>,
    last_takes_effect: bool,
}

impl Dying {
    fn dies_now(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left == 0
    }

    fn dead<T>() -> Result<T, StoreError> {
        Err(StoreError("the process has died".into()))
    }
}

impl Store for Dying {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.clock.sleep(1).await;
        if self.dies_now() { Self::dead() } else { self.inner.get(key).await }
    }

    async fn put(&self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        self.clock.sleep(1).await;
        let dies = self.dies_now();
        if !dies || self.last_takes_effect {
            self.inner.put(key, value).await?;
        }
        if dies { Self::dead() } else { Ok(()) }
    }

    async fn delete(&self, key: &str) -> Result<(), StoreError> {
        self.clock.sleep(1).await;
        let dies = self.dies_now();
        if !dies || self.last_takes_effect {
            self.inner.delete(key).await?;
        }
        if dies { Self::dead() } else { Ok(()) }
    }
}

struct World {
    clock: VirtualClock,
    store: MemoryStore,
    entry: LedgerEntry<VirtualClock, Dying>,
}

impl World {
    fn new() -> Self {
        Self::over(VirtualClock::default(), MemoryStore::default(), usize::MAX, false)
    }

    /// An instance that dies after so many operations on the store.
    fn over(clock: VirtualClock, store: MemoryStore, left: usize, last_takes_effect: bool) -> Self {
        let left = Rc::new(Cell::new(left));
        let dying = Dying { inner: store.clone(), clock: clock.clone(), left, last_takes_effect };
        let entry = LedgerEntry::new(clock.clone(), dying, LedgerTimes::default());
        Self { clock, store, entry }
    }

    /// A new instance over what the old one left.
    fn reborn(&self) -> Self {
        Self::over(self.clock.clone(), self.store.clone(), usize::MAX, false)
    }

    fn begin(&self, digest: &Digest, resend: bool) -> Begun {
        self.clock.run(self.entry.begin(digest, resend)).unwrap()
    }

    fn sends(&self, resend: bool) -> Claim {
        match self.begin(&BYTES, resend) {
            Begun::Send(claim) => claim,
            other => panic!("{other:?}"),
        }
    }

    fn settle(&self, claim: Claim, settlement: Settlement) {
        self.clock.run(self.entry.settle(claim, settlement)).unwrap();
    }

    fn wait(&self, ms: u64) {
        self.clock.run(self.clock.sleep(ms));
    }
}

fn reply() -> Recorded {
    Recorded {
        status: 201,
        content_type: "application/json; charset=\"utf-8\"".into(),
        transaction_ids: vec!["t1".into(), "t2".into()],
        body: b"{\"orders\":\n[1]}\n\xFF".to_vec(),
    }
}

/// What a repeat is told when only one attempt was made.
fn replay() -> Begun {
    Begun::Replay { recorded: reply(), doubt: false }
}

/// What a repeat is told when an attempt before the one that was answered may have acted.
fn doubtful_replay() -> Begun {
    Begun::Replay { recorded: reply(), doubt: true }
}

#[test]
fn a_repeat_gets_the_recorded_answer_byte_for_byte() {
    let world = World::new();
    world.settle(world.sends(false), Settlement::Done(reply()));
    for world in [&world, &world.reborn()] {
        assert_eq!(world.begin(&BYTES, false), replay());
        assert_eq!(world.begin(&BYTES, true), replay(), "also to one who would send again");
    }
}

#[test]
fn other_bytes_under_the_key_are_refused_in_every_state() {
    let world = World::new();
    let claim = world.sends(false);
    assert_eq!(world.begin(&OTHER, false), Begun::OtherBytes);
    world.settle(claim, Settlement::Unknown);
    assert_eq!(world.begin(&OTHER, true), Begun::OtherBytes);
    world.settle(world.sends(true), Settlement::Done(reply()));
    assert_eq!(world.begin(&OTHER, true), Begun::OtherBytes);
}

#[test]
fn of_two_at_once_one_sends_and_one_is_told_to_wait() {
    let world = World::new();
    let both = join(world.entry.begin(&BYTES, false), world.entry.begin(&BYTES, true));
    let (first, second) = world.clock.run(both);
    assert!(matches!(first, Ok(Begun::Send(_))), "{first:?}");
    assert!(matches!(second, Ok(Begun::Running { .. })), "{second:?}");
    let Begun::Running { lease_left_ms } = world.reborn().begin(&BYTES, true) else { panic!("not running") };
    assert!((1..=33_000).contains(&lease_left_ms));
}

#[test]
fn an_answer_that_comes_while_a_repeat_begins_is_never_written_over() {
    for lead_ms in 0..4 {
        let world = World::new();
        let first = world.sends(false);
        world.wait(60_001);
        let answer = async {
            world.clock.sleep(lead_ms).await;
            world.entry.settle(first, Settlement::Done(reply())).await
        };
        let repeat = async {
            world.clock.sleep(1).await;
            world.entry.begin(&BYTES, true).await
        };
        let (settled, begun) = world.clock.run(join(answer, repeat));
        settled.unwrap();
        // Whoever came first decided: the answer is replayed, or the repeat sends and the late answer no longer counts.
        match begun.unwrap() {
            Begun::Replay { recorded, .. } => assert_eq!(recorded, reply()),
            Begun::Send(second) => {
                assert!(matches!(world.begin(&BYTES, true), Begun::Running { .. }), "{lead_ms}");
                world.settle(second, Settlement::Unknown);
                assert_eq!(world.begin(&BYTES, false), Begun::InDoubt);
            }
            other => panic!("{lead_ms}: {other:?}"),
        }
    }
}

#[test]
fn what_was_not_processed_frees_the_key() {
    let world = World::new();
    world.settle(world.sends(false), Settlement::NotProcessed);
    assert!(matches!(world.begin(&OTHER, false), Begun::Send(_)));
}

#[test]
fn a_lost_answer_is_in_doubt_until_a_repeat_is_asked_for() {
    let world = World::new();
    world.settle(world.sends(false), Settlement::Unknown);
    assert_eq!(world.begin(&BYTES, false), Begun::InDoubt);
    let second = world.sends(true);
    assert!(second.doubt);
    world.settle(second, Settlement::Done(reply()));
    assert_eq!(world.begin(&BYTES, false), doubtful_replay());
}

#[test]
fn a_repeat_that_did_nothing_does_not_dispel_the_doubt_about_the_first() {
    let world = World::new();
    world.settle(world.sends(false), Settlement::Unknown);
    world.settle(world.sends(true), Settlement::NotProcessed);
    assert_eq!(world.begin(&BYTES, false), Begun::InDoubt);
}

#[test]
fn what_is_safe_to_repeat_is_sent_again_unasked_until_a_lost_answer() {
    let world = World::new();
    world.settle(world.sends(false), Settlement::Repeatable);
    assert_eq!(world.begin(&OTHER, false), Begun::OtherBytes);
    world.settle(world.sends(false), Settlement::NotProcessed);
    world.settle(world.sends(false), Settlement::Repeatable);
    world.settle(world.reborn().sends(false), Settlement::Unknown);
    assert_eq!(world.begin(&BYTES, false), Begun::InDoubt);
    // A later failure that may be repeated does not make the lost answer harmless.
    world.settle(world.sends(true), Settlement::Repeatable);
    assert_eq!(world.begin(&BYTES, false), Begun::InDoubt);
}

#[test]
fn an_attempt_that_died_is_in_doubt_whatever_came_before_it() {
    let world = World::new();
    world.settle(world.sends(false), Settlement::Repeatable);
    let _died = world.sends(false);
    world.wait(60_001);
    assert_eq!(world.begin(&BYTES, false), Begun::InDoubt);
}

#[test]
fn a_late_answer_ends_the_doubt_unless_another_attempt_has_taken_over() {
    let world = World::new();
    let first = world.sends(false);
    world.wait(60_001);
    assert_eq!(world.begin(&BYTES, false), Begun::InDoubt);
    world.settle(first, Settlement::Done(reply()));
    assert_eq!(world.begin(&BYTES, false), replay());

    let world = World::new();
    let first = world.sends(false);
    world.wait(60_001);
    let second = world.sends(true);
    world.settle(first, Settlement::NotProcessed);
    assert!(matches!(world.begin(&BYTES, true), Begun::Running { .. }), "the second is still under way");
    world.settle(second, Settlement::Done(reply()));
    assert_eq!(world.begin(&BYTES, true), doubtful_replay());
}

#[test]
fn a_claim_tells_whether_an_earlier_one_may_have_acted() {
    let world = World::new();
    let first = world.sends(false);
    assert!(!first.doubt);
    world.settle(first, Settlement::NotProcessed);
    let second = world.sends(false);
    assert!(!second.doubt, "the first did nothing");
    world.settle(second, Settlement::Repeatable);
    let third = world.sends(false);
    assert!(third.doubt, "it may be repeated, and may have acted");
    world.settle(third, Settlement::NotProcessed);
    assert!(world.reborn().sends(false).doubt, "that the third did nothing says nothing of the second");
}

#[test]
fn an_entry_ends_after_its_time_and_leaves_nothing_in_the_store() {
    let world = World::new();
    world.settle(world.sends(false), Settlement::Done(reply()));
    let ends = world.clock.run(world.entry.sweep()).unwrap().unwrap();
    world.wait(ends - world.clock.now_ms() - 10);
    assert_eq!(world.begin(&BYTES, false), replay());
    world.wait(10);
    assert_eq!(world.clock.run(world.entry.sweep()).unwrap(), None);
    assert_eq!(world.clock.run(world.store.get("entry")).unwrap(), None);
    assert!(matches!(world.begin(&OTHER, false), Begun::Send(_)));
}

#[test]
fn an_entry_that_cannot_be_read_lets_nothing_through() {
    let world = World::new();
    for bytes in [&b""[..], b"{}", b"{}\n", b"\xFF\n", br#"{"digest":"a5"}"#] {
        world.clock.run(world.store.put("entry", bytes)).unwrap();
        assert!(world.clock.run(world.entry.begin(&BYTES, true)).is_err(), "{bytes:?}");
    }
}

#[test]
fn a_reply_too_long_to_record_leaves_doubt_and_no_second_sending() {
    let world = World::new();
    let long = Recorded { body: vec![b'x'; (1 << 20) + 1], ..reply() };
    world.settle(world.sends(false), Settlement::Done(long));
    assert_eq!(world.begin(&BYTES, false), Begun::InDoubt);
}

/// An attempt has four operations on the store: read, write, (the call to the API), read, write. The process dies at each of
/// them, before and after it takes effect, and a new one is asked the same.
#[test]
fn after_a_crash_at_any_point_nothing_that_was_sent_is_sent_again_unasked() {
    for settlement in [Settlement::Done(reply()), Settlement::Repeatable, Settlement::Unknown, Settlement::NotProcessed]
    {
        for (dies_at, last_takes_effect) in (0..=4).flat_map(|at| [(at, false), (at, true)]) {
            let world = World::over(VirtualClock::default(), MemoryStore::default(), dies_at, last_takes_effect);
            let begun = world.clock.run(world.entry.begin(&BYTES, false));
            let sent = matches!(begun, Ok(Begun::Send(_)));
            assert_eq!(sent, dies_at >= 2, "nothing is sent before the claim is stored");
            if let Ok(Begun::Send(claim)) = begun {
                let _ = world.clock.run(world.entry.settle(claim, settlement.clone()));
            }
            let next = world.reborn();
            next.wait(60_001);
            let told = next.begin(&BYTES, false);
            let at = format!("{settlement:?}, dies at {dies_at}, {last_takes_effect}: {told:?}");
            let acted = sent && settlement != Settlement::NotProcessed;
            match told {
                Begun::Send(_) => assert!(!acted || settlement == Settlement::Repeatable, "{at}"),
                Begun::Replay { recorded, .. } => assert_eq!(Settlement::Done(recorded), settlement, "{at}"),
                Begun::InDoubt => assert!(sent || last_takes_effect, "{at}"),
                Begun::Running { .. } | Begun::OtherBytes => panic!("{at}"),
            }
        }
    }
}

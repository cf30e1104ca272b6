//! What a broker asks of others: the merchant's hooks, the log, the objects of vault and ledger over a line of their own.

use crate::{machine::Process, weather::Trouble, world::World};
use pb_fulfillment::{
    broker::{
        Begun, Calls, Claim, Digest, Disapproval, EntryName, Head, HookError, Hooks, Lease, Ledger, Log, LogRecord,
        OrderToApprove, Principal, SCOPE_ORDERS, Settlement, Token, TokenError, Vault,
    },
    ports::StoreError,
};
use std::{future::Future, rc::Rc};

/// The merchant.
pub struct Shop {
    pub world: Rc<World>,
    pub page: usize,
}

impl Shop {
    async fn thinks(&self) -> Result<(), HookError> {
        let (machine, weather) = (&self.world.machine, &self.world.weather);
        let most_ms = if weather.happens(Trouble::HookSlow) { 14_000 } else { 20 };
        machine.sleep(machine.below(most_ms)).await;
        if weather.happens(Trouble::HookFailed) { Err(HookError) } else { Ok(()) }
    }
}

impl Hooks for Shop {
    async fn authorize(&self, head: Head<'_>) -> Result<Option<Principal>, HookError> {
        self.thinks().await?;
        let session = head.headers.get("Authorization").and_then(|field| field.strip_prefix("Session "));
        Ok(session.map(|session| Principal {
            subject: session.to_owned(),
            client_ids: vec!["1234".into()],
            scopes: vec![SCOPE_ORDERS.into()],
        }))
    }

    async fn approve_orders(
        &self,
        _: &Principal,
        orders: &[OrderToApprove<'_>],
    ) -> Result<Vec<Disapproval>, HookError> {
        self.thinks().await?;
        let page = &self.world.pages[self.page];
        let paid = self.world.machine.elapsed_ms() >= page.paid_at_ms;
        let orders = orders.iter().enumerate();
        let refused = orders.filter(|(_, order)| !paid && page.unpaid.contains(order.client_order_id));
        Ok(refused.map(|(index, _)| Disapproval { index, detail: None }).collect())
    }
}

/// The log of the broker.
pub struct Journal(pub Rc<World>);

impl Log for Journal {
    fn log(&self, record: &LogRecord) {
        self.0.judge.shown(&serde_json::to_string(record).unwrap());
    }
}

impl World {
    /// Calls an object. Nothing if the call or its answer is lost, or the object dies over it.
    pub async fn call<T: 'static>(&self, process: Process, work: impl Future<Output = T> + 'static) -> Option<T> {
        let (machine, weather) = (self.machine.clone(), &self.weather);
        let way_ms = |most| machine.below(if weather.happens(Trouble::ObjectDelayed) { 12_000 } else { most });
        let (there_ms, back_ms) = (way_ms(10), way_ms(10));
        if weather.happens(Trouble::ObjectCutBefore) {
            machine.sleep(there_ms).await;
            return None;
        }
        let arrival = machine.clone();
        let answer = machine.call(process, async move {
            arrival.sleep(there_ms).await;
            work.await
        });
        let answer = answer.await;
        machine.sleep(back_ms).await;
        answer.filter(|_| !weather.happens(Trouble::ObjectCutAfter))
    }
}

/// The way from a broker to the vault.
pub struct VaultLine(pub Rc<World>);

impl Vault for VaultLine {
    async fn get_token(&self, rejected: Option<&str>) -> Result<Token, TokenError> {
        let (world, rejected) = (self.0.clone(), rejected.map(str::to_owned));
        let process = self.0.vault.process;
        let asked = async move { world.wake_vault().get_token(rejected.as_deref()).await };
        let lost = || Err(TokenError::Unavailable { retry_after_s: None });
        self.0.call(process, asked).await.unwrap_or_else(lost)
    }
}

impl Calls for VaultLine {
    async fn lease_calls(&self, operation: &str, wanted: u32, good_ms: u64) -> Result<Lease, StoreError> {
        let (world, operation) = (self.0.clone(), operation.to_owned());
        let asked = async move { world.wake_leases().lease(&operation, wanted, good_ms) };
        self.0.call(self.0.vault.process, asked).await.ok_or_else(|| StoreError("the vault is gone".into()))
    }
}

/// The way from a broker to the ledger.
pub struct Books(pub Rc<World>);

impl Books {
    fn name(entry: EntryName<'_>) -> String {
        format!("{} {}", entry.subject, entry.key)
    }
}

impl Ledger for Books {
    async fn begin(&self, entry: EntryName<'_>, body: &[u8], resend: bool) -> Result<Begun, StoreError> {
        let (world, object) = (self.0.clone(), self.0.entry(Self::name(entry)));
        let (process, digest) = (object.process, digest(body));
        let alarm = (world.clone(), object.clone());
        let begun = async move { world.wake_entry(&object).begin(&digest, resend).await };
        let begun = self.0.call(process, begun).await.unwrap_or_else(|| Err(StoreError("the object is gone".into())));
        // An alarm that comes too early finds nothing to sweep.
        let late_ms = self.0.machine.below(120_000);
        self.0.machine.spawn(process, async move {
            let (world, object) = alarm;
            world.machine.sleep(late_ms).await;
            let _ = world.wake_entry(&object).sweep().await;
        });
        begun
    }

    async fn settle(&self, entry: EntryName<'_>, claim: Claim, settlement: Settlement) -> Result<(), StoreError> {
        let (world, object) = (self.0.clone(), self.0.entry(Self::name(entry)));
        let process = object.process;
        let settled = async move { world.wake_entry(&object).settle(claim, settlement).await };
        self.0.call(process, settled).await.unwrap_or_else(|| Err(StoreError("the object is gone".into())))
    }
}

/// Not SHA-256, but of that size and different for different bytes of a run.
fn digest(body: &[u8]) -> Digest {
    let mut digest = Digest::default();
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for (index, byte) in body.iter().enumerate() {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        digest[index % 32] ^= state.to_le_bytes()[7];
    }
    digest[..8].copy_from_slice(&state.to_le_bytes());
    digest
}

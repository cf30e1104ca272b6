//! The bulk order call: `POST /shippingservices/fulfillment/v1/orders/bulk` (reference: post-orders-bulk).

use super::{Call, Emulator, Fault, FaultKind, StoredOrder, answer, oauth::Access};
use crate::{
    batch::MAX_ORDERS,
    json::Tree,
    ports::{Clock, Random, Response},
    schema::Provenance,
    validate::{self, Code, Issue, Options, OrderSpan, Severity, Validated, validate_orders},
    wire,
};

/// The status of an order that was stored (sample; no other is known).
const RECEIVED: &str = "RECEIVED";

impl<C: Clock, R: Random> Emulator<C, R> {
    /// Stores the orders that break no documented rule and answers with one entry for each order.
    pub(super) fn bulk_call(&self, call: Call<'_>, fault: Option<&Fault>) -> Response {
        if fault.is_some_and(|fault| fault.kind == FaultKind::Expire) {
            self.expire_tokens();
        }
        match self.access(call.headers) {
            Access::Granted => {}
            Access::Expired => return answer::error(401, "PB-APIM-ERR-1003", "Access Token Expired"),
            Access::Unknown => return answer::error(401, "PB-APIM-ERR-1002", "Invalid Access Token"),
        }
        let transaction_id = call.headers.get(wire::header::TRANSACTION_ID).unwrap_or_default();
        if !wire::ids::is_transaction_id(transaction_id) {
            let wanted = "X-PB-TransactionId must be 1 to 25 letters, digits, hyphens and underscores";
            return answer::error(400, "emulator.transaction_id", wanted);
        }
        if !self.state.borrow_mut().transactions.insert(transaction_id.to_owned()) {
            return answer::error(400, "emulator.transaction_id_repeated", "X-PB-TransactionId was used before");
        }
        let validated = validate_orders(call.body, &documented_rules());
        if let Some(why) = whole_request_error(call.body, &validated) {
            return answer::error(400, "1000050", &why);
        }
        if validated.orders.len() > MAX_ORDERS {
            return answer::error(400, "emulator.too_many_orders", "A bulk request takes at most 200 orders");
        }
        let mut errors: Vec<Vec<&Issue>> = vec![Vec::new(); validated.orders.len()];
        for issue in validated.report.issues.iter().filter(|issue| issue.severity == Severity::Error) {
            if let Some(of_order) = issue.order_index.and_then(|index| errors.get_mut(index)) {
                of_order.push(issue);
            }
        }
        let mut entries = Vec::new();
        for (index, (order, issues)) in validated.orders.iter().zip(&errors).enumerate() {
            let hit = |kind| fault.is_some_and(|fault| fault.kind == kind && fault.hits(order, index));
            let entry = if hit(FaultKind::RefuseOrders) {
                let error = answer::error_entry("emulator.refused", "The order is refused on request", &[]);
                refused_entry(order, vec![error])
            } else if order.errors > 0 {
                refused_entry(order, issues.iter().map(|issue| issue_entry(issue)).collect())
            } else {
                self.store_order(call.body, order, transaction_id)
            };
            if !hit(FaultKind::OmitEntries) {
                entries.push(entry);
            }
        }
        answer::tree(200, &answer::object([("orders", Tree::Array(entries))]))
    }

    /// Stores the order and returns its entry in the reply.
    fn store_order(&self, body: &[u8], order: &OrderSpan, transaction_id: &str) -> Tree<'static> {
        let client_id = order.client_id.clone().unwrap_or_default();
        let client_order_id = order.client_order_id.clone().unwrap_or_default();
        let stored = StoredOrder {
            order_id: String::new(),
            client_id: client_id.clone(),
            client_order_id: client_order_id.clone(),
            bytes: order.span.of(body).to_vec(),
            revisions: 1,
            transaction_id: transaction_id.to_owned(),
            received_ms: self.clock.now_ms(),
        };
        let seed = u64::from_le_bytes(self.bytes());
        let order_id = self.state.borrow_mut().store.put(stored, self.options.duplicates, seed);
        answer::object([
            ("clientId", answer::text(&client_id)),
            ("clientOrderId", answer::text(&client_order_id)),
            ("orderId", answer::text(&order_id)),
            ("status", answer::text(RECEIVED)),
        ])
    }
}

/// The rules that the reference states, and those of JSON itself.
fn documented_rules() -> Options {
    let inferred = |code: &&Code| matches!(code.provenance(), Provenance::Sample | Provenance::Inferred);
    Options {
        severity: Code::ALL.iter().filter(inferred).map(|&code| (code, None)).collect(),
        ..validate::Options::default()
    }
}

/// Why the request as a whole cannot be read, if it cannot.
fn whole_request_error(body: &[u8], validated: &Validated) -> Option<String> {
    let is_error = |issue: &&Issue| issue.severity == Severity::Error && issue.order_index.is_none();
    if let Some(issue) = validated.report.issues.iter().find(is_error) {
        return Some(issue.message.clone());
    }
    // The validator also reads a bare array; the API documents only the envelope.
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    (first != Some(&b'{')).then(|| "The body must be {\"orders\": [...]}".to_owned())
}

/// The entry of an order that is not stored.
fn refused_entry(order: &OrderSpan, errors: Vec<Tree<'static>>) -> Tree<'static> {
    let id = |id: &Option<String>| id.as_deref().map_or(Tree::Null, answer::text);
    answer::object([
        ("clientId", id(&order.client_id)),
        ("clientOrderId", id(&order.client_order_id)),
        ("errors", Tree::Array(errors)),
    ])
}

/// An issue as an error of the API.
fn issue_entry(issue: &Issue) -> Tree<'static> {
    answer::error_entry(&format!("emulator.{}", issue.code.name()), &issue.message, &[&issue.pointer])
}

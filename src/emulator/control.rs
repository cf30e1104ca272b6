//! The emulator's own routes: they set what goes wrong and show what was stored.

use super::{Call, Emulator, FaultPlan, answer, store::OrderStore};
use crate::{
    json::write_string,
    ports::{Clock, Headers, Random, Response},
};

impl<C: Clock, R: Random> Emulator<C, R> {
    /// `GET` answers with what is left of the plan, `PUT` sets one, `DELETE` ends all faults.
    pub(super) fn faults_call(&self, call: Call<'_>) -> Response {
        let plan = match call.method {
            "PUT" => FaultPlan::from_json(call.body),
            "DELETE" => Ok(FaultPlan::default()),
            _ => Ok(self.state.borrow().faults.plan().clone()),
        };
        match plan {
            Ok(plan) => {
                let body = plan.to_json();
                if call.method != "GET" {
                    self.set_faults(plan);
                }
                answer::json(200, body)
            }
            Err(error) => answer::error(400, "emulator.fault_plan", &error.to_string()),
        }
    }

    /// `GET` answers with the store, `DELETE` empties it.
    pub(super) fn orders_call(&self, call: Call<'_>) -> Response {
        let mut state = self.state.borrow_mut();
        if call.method == "DELETE" {
            state.store = OrderStore::default();
            return Response { status: 204, headers: Headers::new(), body: Vec::new() };
        }
        // Written by hand, so that each order appears byte for byte as it came.
        let mut body = format!("{{\"count\":{},\"orders\":[", state.store.orders().len()).into_bytes();
        for (index, stored) in state.store.orders().iter().enumerate() {
            if index > 0 {
                body.push(b',');
            }
            for (lead, value) in [
                ("{\"orderId\":", &stored.order_id),
                (",\"clientId\":", &stored.client_id),
                (",\"clientOrderId\":", &stored.client_order_id),
                (",\"transactionId\":", &stored.transaction_id),
            ] {
                body.extend_from_slice(lead.as_bytes());
                write_string(&mut body, value);
            }
            let (received_ms, revisions) = (stored.received_ms, stored.revisions);
            body.extend_from_slice(
                format!(",\"receivedMs\":{received_ms},\"revisions\":{revisions},\"order\":").as_bytes(),
            );
            body.extend_from_slice(&stored.bytes);
            body.push(b'}');
        }
        body.extend_from_slice(b"]}");
        answer::json(200, body)
    }
}

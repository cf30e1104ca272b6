//! Orders of one input that have the same ids.

use super::{
    Code, OrderSpan,
    collect::{Draft, Step, quote},
    walk::Walker,
};
use crate::model::{BulkOrdersRequest, Order};

impl Walker<'_, '_> {
    /// Names each order whose ids an earlier one has: the API may update the first or make a second, nobody knows which.
    pub(super) fn duplicate_orders(&mut self) {
        let key = |order: &OrderSpan| Some((order.client_id.clone()?, order.client_order_id.clone()?));
        let mut keyed: Vec<_> =
            self.orders.iter().enumerate().filter_map(|(at, order)| Some((key(order)?, at))).collect();
        keyed.sort_unstable();
        let (errors, warnings) = (self.collector.errors, self.collector.warnings);
        let mut first = None;
        for ((client_id, id), index) in &keyed {
            match first {
                Some((first_client, first_id, first_index)) if (first_client, first_id) == (client_id, id) => {
                    self.duplicate_order(id, first_index, *index);
                }
                _ => first = Some((client_id, id, *index)),
            }
        }
        if (errors, warnings) != (self.collector.errors, self.collector.warnings) {
            self.collector.issues.sort_by_key(|issue| issue.order_index);
        }
    }

    fn duplicate_order(&mut self, id: &str, first: usize, index: usize) {
        const CLIENT_ORDER_ID: usize = Order::SHAPE.position("clientOrderId");
        let Some(order) = self.orders.get(index) else { return };
        let (span, before) = (order.span, (self.collector.errors, self.collector.warnings));
        self.path.extend(BulkOrdersRequest::SHAPE.fields.first().filter(|_| self.enveloped).map(Step::Field));
        self.path.push(Step::Index(index));
        self.order = Some((self.path.len(), index));
        self.path.extend(Order::SHAPE.fields.get(CLIENT_ORDER_ID).map(Step::Field));
        let text = format!("{} is also that of order {} of the input, with the same client id.", quote(id), first + 1);
        let draft = Draft::new(text).received(id).help(
            "Delete one of the two, or give it an id of its own. If both are sent, the second goes after the first has ended.",
        );
        let issues = self.collector.issues.len();
        self.report(Code::DuplicateOrder, span, draft);
        if let Some(issue) = self.collector.issues.get_mut(issues) {
            issue.client_order_id = Some(id.to_owned());
        }
        self.path.clear();
        self.order = None;
        if let Some(order) = self.orders.get_mut(index) {
            order.errors += self.collector.errors - before.0;
            order.warnings += self.collector.warnings - before.1;
        }
    }
}

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
        let key = |order: &'_ OrderSpan| order.client_id.is_some() && order.client_order_id.is_some();
        let of = |index: usize| self.orders.get(index).map(|order| (&order.client_id, &order.client_order_id));
        let mut keyed: Vec<usize> =
            self.orders.iter().enumerate().filter(|(_, order)| key(order)).map(|(at, _)| at).collect();
        keyed.sort_by_key(|&index| of(index));
        let groups = keyed.chunk_by(|&a, &b| of(a) == of(b)).filter(|group| group.len() > 1);
        let pairs = groups.filter_map(|group| group.split_first());
        let repeated: Vec<(usize, usize)> =
            pairs.flat_map(|(&first, later)| later.iter().map(move |&index| (first, index))).collect();
        for &(first, index) in &repeated {
            self.duplicate_order(first, index);
        }
        if !repeated.is_empty() {
            self.collector.issues.sort_by_key(|issue| issue.order_index);
        }
    }

    fn duplicate_order(&mut self, first: usize, index: usize) {
        const CLIENT_ORDER_ID: usize = Order::SHAPE.position("clientOrderId");
        let Some(order) = self.orders.get(index) else { return };
        let Some(id) = order.client_order_id.clone() else { return };
        let (span, before) = (order.span, (self.collector.errors, self.collector.warnings));
        self.path.extend(BulkOrdersRequest::SHAPE.fields.first().filter(|_| self.enveloped).map(Step::Field));
        self.path.push(Step::Index(index));
        self.order = Some((self.path.len(), index));
        self.path.extend(Order::SHAPE.fields.get(CLIENT_ORDER_ID).map(Step::Field));
        let text = format!("{} is also that of order {} of the input, with the same client id.", quote(&id), first + 1);
        let draft = Draft::new(text).received(&*id).help(
            "Delete one of the two, or give it an id of its own. If both are sent, the second goes after the first has ended.",
        );
        let issues = self.collector.issues.len();
        self.report(Code::DuplicateOrder, span, draft);
        if let Some(issue) = self.collector.issues.get_mut(issues) {
            issue.client_order_id = Some(id);
        }
        self.path.clear();
        self.order = None;
        if let Some(order) = self.orders.get_mut(index) {
            order.errors += self.collector.errors - before.0;
            order.warnings += self.collector.warnings - before.1;
        }
    }
}

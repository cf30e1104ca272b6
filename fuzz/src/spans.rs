//! Bodies are made of the very bytes of their orders: each order travels once, as it stands in the input.

use crate::{document, reference};
use pb_fulfillment::{
    batch::{self, MAX_BYTES},
    validate::{Code, Options, validate_order, validate_orders},
};
use std::collections::HashMap;

pub fn check(data: &[u8]) {
    // The last byte chooses how many orders a body takes.
    let (data, limit) = data.split_last().map_or((data, 1), |(last, rest)| (rest, usize::from(*last % 4) + 1));
    let text = &*document::of(data);
    let found = validate_orders(text, &Options { max_issues: usize::MAX, ..Options::default() });
    let is_value = reference::value(text).is_some();
    if is_value && !reference::repeats_a_key(text).0 && !too_deep(&found) {
        let spans: Vec<_> = found.orders.iter().map(|order| order.span.of(text)).collect();
        assert_eq!(spans, reference::orders(text).unwrap_or_default());
    }

    let every: Vec<_> = (0..found.orders.len()).collect();
    let batches = batch::plan(&found.orders, &every, limit);
    let mut sent = vec![0; every.len()];
    let mut waves: HashMap<(&str, &str), usize> = HashMap::new();
    let mut last = 0;
    for batch in &batches {
        assert!(batch.wave >= last && (1..=limit).contains(&batch.orders.len()));
        last = batch.wave;
        let orders: Vec<_> = batch.orders.iter().map(|&index| &found.orders[index]).collect();
        let bytes: usize = orders.iter().map(|order| order.span.end - order.span.start).sum();
        assert!(bytes <= MAX_BYTES || orders.len() == 1);
        for (&index, order) in batch.orders.iter().zip(&orders) {
            sent[index] += 1;
            let ids = order.client_id.as_deref().zip(order.client_order_id.as_deref());
            // The same order twice is never under way at the same time.
            let before = ids.and_then(|ids| waves.insert(ids, batch.wave));
            assert!(before.is_none_or(|before| before < batch.wave));
        }
        let body = batch::body(text, orders.iter().map(|order| order.span));
        if is_value {
            let spans: Vec<_> = orders.iter().map(|order| order.span.of(text)).collect();
            assert_eq!(reference::orders(&body).unwrap(), spans);
        }
        // Whoever checks the body finds what was found in the input.
        let again = validate_orders(&body, &Options { max_issues: usize::MAX, ..Options::default() });
        for (before, after) in orders.iter().zip(&again.orders) {
            assert_eq!((&before.client_id, &before.client_order_id), (&after.client_id, &after.client_order_id));
            assert_eq!(before.errors, after.errors);
            assert_eq!(before.span.of(text), after.span.of(&body));
        }
    }
    assert!(sent.iter().all(|&times| times == 1));

    for order in &found.orders {
        let alone = validate_order(order.span.of(text), &Options::default());
        assert_eq!(alone.report.error_count, order.errors, "an order is judged the same by itself");
    }
}

fn too_deep(found: &pb_fulfillment::validate::Validated) -> bool {
    found.report.issues.iter().any(|issue| issue.code == Code::TooDeep)
}

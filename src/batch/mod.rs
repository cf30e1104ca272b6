//! Orders in, request bodies out: at most 200 orders each, made of the bytes that were checked.

use crate::{
    json::{Names, Span},
    validate::OrderSpan,
};

/// How many orders one bulk request takes (documented: post-orders-bulk).
pub const MAX_ORDERS: usize = 200;

/// How many bytes of orders one request has at most, unless a single order has more: half of what the broker takes by default.
pub const MAX_BYTES: usize = 4 << 20;

/// Orders that travel in one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Indices of the orders in the input, ascending.
    pub orders: Vec<usize>,
    /// Batches of a wave may travel side by side; a wave begins when the one before it has ended. The second order with
    /// the same `clientId` and `clientOrderId` is in the second wave, so that it updates the first and never races it.
    pub wave: usize,
}

/// Divides the orders with these indices into batches of at most `limit` orders and [`MAX_BYTES`] bytes, in input order. The indices must be
/// ascending; one without an order is left out.
#[must_use]
pub fn plan(orders: &[OrderSpan], indices: &[usize], limit: usize) -> Vec<Batch> {
    let mut times_seen = Names::new();
    let mut waves: Vec<Vec<usize>> = Vec::new();
    for &index in indices {
        let Some(order) = orders.get(index) else { continue };
        // An order without ids is the same as no other.
        let wave = order.client_id.as_deref().zip(order.client_order_id.as_deref()).map_or(0, |(client_id, id)| {
            let key = (client_id.into(), id.into());
            let wave = times_seen.get(&key).map_or(0, |wave| wave + 1);
            times_seen.insert(key, wave);
            wave
        });
        match waves.get_mut(wave) {
            Some(wave) => wave.push(index),
            None => waves.push(vec![index]),
        }
    }
    let mut batches: Vec<Batch> = Vec::new();
    for (wave, indices) in waves.into_iter().enumerate() {
        let mut bytes = usize::MAX;
        for index in indices {
            let size = orders.get(index).map_or(0, |order| order.span.end - order.span.start);
            bytes = bytes.saturating_add(size);
            match batches.last_mut().filter(|batch| bytes <= MAX_BYTES && batch.orders.len() < limit) {
                Some(batch) => batch.orders.push(index),
                None => {
                    batches.push(Batch { orders: vec![index], wave });
                    bytes = size;
                }
            }
        }
    }
    batches
}

/// The body of a bulk request with the orders at these spans of the input, byte for byte.
#[must_use]
pub fn body(input: &[u8], orders: impl IntoIterator<Item = Span>) -> Vec<u8> {
    join(orders.into_iter().map(|span| span.of(input)))
}

/// The body of a bulk request with those of the orders that have these indices, byte for byte.
#[must_use]
pub fn body_of(input: &[u8], orders: &[OrderSpan], indices: &[usize]) -> Vec<u8> {
    body(input, indices.iter().filter_map(|&index| orders.get(index)).map(|order| order.span))
}

/// The body of a bulk request with these orders, byte for byte.
#[must_use]
pub fn join<'a>(orders: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut out = b"{\"orders\":[".to_vec();
    for (index, order) in orders.into_iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.extend_from_slice(order);
    }
    out.extend_from_slice(b"]}");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(key: &str) -> OrderSpan {
        OrderSpan {
            span: Span::default(),
            client_id: Some("1".into()),
            client_order_id: Some(key.into()),
            errors: 0,
            warnings: 0,
        }
    }

    fn sizes(orders: &[OrderSpan]) -> Vec<usize> {
        plan(orders, &(0..orders.len()).collect::<Vec<_>>(), MAX_ORDERS)
            .iter()
            .map(|batch| batch.orders.len())
            .collect()
    }

    #[test]
    fn a_batch_has_at_most_200_orders() {
        let orders: Vec<_> = (0..401).map(|number| order(&number.to_string())).collect();
        assert_eq!(sizes(&orders), [200, 200, 1]);
        assert_eq!(sizes(&orders[..200]), [200]);
        assert_eq!(sizes(&[]), [0; 0]);
    }

    #[test]
    fn large_orders_travel_in_small_batches_and_a_huge_one_alone() {
        let of_size = |key: &str, bytes| OrderSpan { span: Span { start: 0, end: bytes }, ..order(key) };
        let orders =
            [of_size("a", MAX_BYTES / 2), of_size("b", MAX_BYTES / 2), of_size("c", 1), of_size("d", MAX_BYTES + 1)];
        assert_eq!(sizes(&orders), [2, 1, 1]);
    }

    #[test]
    fn a_repeated_order_waits_for_the_wave_after_the_first() {
        let orders = [order("a"), order("b"), order("a"), order("a"), order("c")];
        let batches = plan(&orders, &[0, 1, 2, 3, 4], MAX_ORDERS);
        let seen: Vec<_> = batches.iter().map(|batch| (batch.wave, batch.orders.as_slice())).collect();
        assert_eq!(seen, [(0, &[0, 1, 4][..]), (1, &[2]), (2, &[3])]);
    }

    #[test]
    fn a_body_is_made_of_the_bytes_of_its_orders() {
        let input = br#"[ {"a": 1.0} , {"b":2} ]"#;
        let spans = [Span { start: 2, end: 12 }, Span { start: 15, end: 22 }];
        assert_eq!(body(input, spans), br#"{"orders":[{"a": 1.0},{"b":2}]}"#);
    }
}

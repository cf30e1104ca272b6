//! Mends come to an end, leave no issue that could be mended, and change nothing else.

use crate::{document, reference};
use pb_fulfillment::validate::{Options, Validated, apply_fixes, validate_orders};

/// A value has few issues with a mend, and a mend uncovers few others.
const ROUNDS: usize = 10;

pub fn check(data: &[u8]) {
    let text = &*document::of(data);
    let look = |text: &[u8]| validate_orders(text, &Options { max_issues: usize::MAX, ..Options::default() });
    let before = look(text);

    let untouched = apply_fixes(text, |_, _| false);
    assert_eq!((untouched.bytes.as_slice(), untouched.applied), (text, 0));

    // Any choice of mends leaves JSON as it was JSON.
    let choice = data.iter().fold(0u8, |sum, &byte| sum.wrapping_mul(31) ^ byte);
    let chosen = apply_fixes(text, |_, pointer| (choice >> (pointer.len() % 8)) & 1 == 1);
    assert_eq!(reference::is_json(&chosen.bytes), reference::is_json(text));

    let mut mended = text.to_vec();
    for _ in 0..ROUNDS {
        let fixed = apply_fixes(&mended, |_, _| true);
        assert_eq!(reference::is_json(&fixed.bytes), reference::is_json(text));
        assert!(fixed.applied > 0 || fixed.bytes == mended);
        mended = fixed.bytes;
        if fixed.applied == 0 {
            break;
        }
    }
    let after = look(&mended);
    let left = after.report.issues.iter().find(|issue| issue.fix.is_some());
    assert!(left.is_none(), "{left:?} is left of {}", String::from_utf8_lossy(&mended));
    assert!(after.report.error_count <= before.report.error_count, "mends have made errors");
    let ids = |found: &Validated| -> Vec<_> {
        found.orders.iter().map(|order| (order.client_id.clone(), order.client_order_id.clone())).collect()
    };
    assert_eq!(ids(&before), ids(&after));
}

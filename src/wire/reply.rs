//! The API's reply to a bulk request, and which of its entries belongs to which order.

use super::ApiError;
use crate::json::{Names, Tree};

/// One entry of a reply (documented: clientId, clientOrderId, orderId, status). How a refused order looks is not documented;
/// errors of any form that the API uses elsewhere are understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The client's id.
    pub client_id: Option<String>,
    /// The order's id at the client.
    pub client_order_id: Option<String>,
    /// The order's id at Pitney Bowes; never empty.
    pub order_id: Option<String>,
    /// The order's status, such as `RECEIVED`.
    pub status: Option<String>,
    /// Why the order was refused.
    pub errors: Vec<ApiError>,
}

/// Reads the body of a bulk reply; nothing if it is not JSON or has no list of orders. Members that cannot be understood are
/// left out.
#[must_use]
pub fn read_reply(body: &[u8]) -> Option<Vec<Entry>> {
    let tree = Tree::parse(body).ok()?;
    let mut entries = Vec::new();
    for entry in tree.get("orders")?.array()? {
        entries.push(Entry {
            client_id: text(entry, "clientId"),
            client_order_id: text(entry, "clientOrderId"),
            order_id: text(entry, "orderId").filter(|id| !id.trim().is_empty()),
            status: text(entry, "status"),
            errors: match (entry.get("errors"), entry.get("errorCode")) {
                (Some(errors), _) => ApiError::read_all(errors),
                // A `message` alone may be a friendly one.
                (None, Some(_)) => ApiError::read_all(entry),
                (None, None) => Vec::new(),
            },
        });
    }
    Some(entries)
}

/// The member of that name, if it is a text or a number and not empty.
fn text(entry: &Tree<'_>, name: &str) -> Option<String> {
    entry.get(name).and_then(Tree::text).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What a reply says about one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is stored under this id.
    Accepted {
        /// The id at Pitney Bowes.
        order_id: String,
        /// Its status, if the reply has one.
        status: Option<String>,
    },
    /// It was refused for these reasons.
    Rejected {
        /// The reasons; at least one.
        errors: Vec<ApiError>,
        /// Its status, if the reply has one.
        status: Option<String>,
    },
    /// The reply has no entry for it.
    Missing,
    /// Its entry has neither an id nor an error.
    Unreadable,
    /// The reply says different things about it.
    Contradictory,
}

/// Finds for each order, named by clientId and clientOrderId, what the entries say about it. Their order and number do not
/// matter, nor do entries for other orders. An order without ids of its own cannot be found.
#[must_use]
pub fn match_entries(entries: &[Entry], orders: &[(Option<&str>, Option<&str>)]) -> Vec<Verdict> {
    // Each entry with the orders it can be about is found by its two ids; each id of the API by itself.
    let mut wanted = Names::new();
    for (index, (client_id, client_order_id)) in orders.iter().enumerate() {
        if let (Some(client_id), Some(client_order_id)) = (client_id, client_order_id) {
            wanted.insert(((*client_id).into(), (*client_order_id).into()), index);
        }
    }
    let mut found = Vec::new();
    for _ in orders {
        found.push(Found::default());
    }
    let mut owners = Names::new();
    let mut shared = Vec::new();
    for entry in entries {
        let (Some(client_id), Some(client_order_id)) = (&entry.client_id, &entry.client_order_id) else { continue };
        let order = wanted.get(&(client_id.into(), client_order_id.into())).copied();
        if let Some(found) = order.and_then(|order| found.get_mut(order)) {
            found.add(entry);
        }
        if let Some(order_id) = &entry.order_id {
            let owner = order.unwrap_or(usize::MAX);
            if owners.insert((order_id.into(), "".into()), owner).is_some_and(|before| before != owner) {
                shared.push(order_id.as_str());
            }
        }
    }
    let mut verdicts = Vec::new();
    for found in found {
        // Two orders cannot have one id: one of the entries is about something else.
        let foreign = found.order_id.is_some_and(|id| shared.contains(&id));
        verdicts.push(if foreign { Verdict::Contradictory } else { found.verdict() });
    }
    verdicts
}

/// What all entries for one order say together.
#[derive(Default)]
struct Found<'a> {
    entries: usize,
    order_id: Option<&'a str>,
    other_ids: bool,
    status: Option<&'a String>,
    errors: Vec<ApiError>,
}

impl<'a> Found<'a> {
    fn add(&mut self, entry: &'a Entry) {
        self.entries += 1;
        self.other_ids |= entry.order_id.as_deref().is_some_and(|id| id != *self.order_id.get_or_insert(id));
        self.status = self.status.or(entry.status.as_ref());
        self.errors.append(&mut entry.errors.clone());
    }

    fn verdict(self) -> Verdict {
        let status = self.status.cloned();
        match self.order_id {
            Some(id) if self.errors.is_empty() && !self.other_ids => {
                Verdict::Accepted { order_id: id.to_owned(), status }
            }
            Some(_) => Verdict::Contradictory,
            None if !self.errors.is_empty() => Verdict::Rejected { errors: self.errors, status },
            None if self.entries > 0 => Verdict::Unreadable,
            None => Verdict::Missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: (Option<&str>, Option<&str>) = (Some("1"), Some("a"));
    const B: (Option<&str>, Option<&str>) = (Some("1"), Some("b"));

    fn verdicts(body: &str) -> Vec<Verdict> {
        match_entries(&read_reply(body.as_bytes()).unwrap(), &[A, B])
    }

    fn accepted(id: &str) -> Verdict {
        Verdict::Accepted { order_id: id.into(), status: Some("RECEIVED".into()) }
    }

    #[test]
    fn entries_are_matched_by_their_ids_in_any_order_and_others_are_ignored() {
        let body = r#"{"orders":[
            {"clientId":"1","clientOrderId":"b","orderId":"O2","status":"RECEIVED"},
            {"clientId":"2","clientOrderId":"a","orderId":"O3","status":"RECEIVED"},
            {"clientId":1,"clientOrderId":"a","orderId":"O1","status":"RECEIVED"}],"more":1}"#;
        assert_eq!(verdicts(body), [accepted("O1"), accepted("O2")]);
    }

    #[test]
    fn a_missing_or_unreadable_entry_says_nothing() {
        let unreadable = [
            r#"{"clientId":"1","clientOrderId":"a"}"#,
            r#"{"clientId":"1","clientOrderId":"a","orderId":""}"#,
            r#"{"clientId":"1","clientOrderId":"a","orderId":"  "}"#,
            r#"{"clientId":"1","clientOrderId":"a","orderId":null,"status":"RECEIVED","errors":[]}"#,
            r#"{"clientId":"1","clientOrderId":"a","orderId":{},"errors":[{}]}"#,
        ];
        for entry in unreadable {
            assert_eq!(
                verdicts(&format!(r#"{{"orders":[{entry}]}}"#)),
                [Verdict::Unreadable, Verdict::Missing],
                "{entry}"
            );
        }
        for entries in
            ["", "null,7,[]", r#"{"clientOrderId":"a","orderId":"O1"}"#, r#"{"clientId":"1","orderId":"O1"}"#]
        {
            assert_eq!(
                verdicts(&format!(r#"{{"orders":[{entries}]}}"#)),
                [Verdict::Missing, Verdict::Missing],
                "{entries}"
            );
        }
    }

    #[test]
    fn an_entry_with_errors_and_no_id_is_a_refusal() {
        let body = r#"{"orders":[
            {"clientId":"1","clientOrderId":"a","errors":[{"errorCode":"8000001","errorDescription":"no such sku"}]},
            {"clientId":"1","clientOrderId":"b","errorCode":"8000002","message":"no"}]}"#;
        let codes = verdicts(body).into_iter().map(|verdict| match verdict {
            Verdict::Rejected { errors, .. } => errors[0].error_code.clone(),
            _ => None,
        });
        assert_eq!(codes.collect::<Vec<_>>(), [Some("8000001".into()), Some("8000002".into())]);
    }

    #[test]
    fn the_same_entry_twice_is_no_contradiction_but_two_answers_are() {
        let entry = |rest: &str| format!(r#"{{"clientId":"1","clientOrderId":"a",{rest}}}"#);
        let of_a = |rests: &[&str]| {
            let entries: Vec<_> = rests.iter().map(|rest| entry(rest)).collect();
            verdicts(&format!(r#"{{"orders":[{}]}}"#, entries.join(","))).swap_remove(0)
        };
        let (one, two, error) =
            (r#""orderId":"O1","status":"RECEIVED""#, r#""orderId":"O2""#, r#""errors":[{"errorCode":"1"}]"#);
        assert_eq!(of_a(&[one, one]), accepted("O1"));
        assert_eq!(of_a(&[r#""orderId":"O1","status":"RECEIVED","message":"welcome","errors":null"#]), accepted("O1"));
        assert_eq!(of_a(&[one, two]), Verdict::Contradictory);
        assert_eq!(of_a(&[one, error]), Verdict::Contradictory);
        assert_eq!(of_a(&[r#""orderId":"O1","errors":[{"errorCode":"1"}]"#]), Verdict::Contradictory);
    }

    #[test]
    fn one_id_for_two_orders_is_a_contradiction() {
        let body = r#"{"orders":[{"clientId":"1","clientOrderId":"a","orderId":"O"},{"clientId":"1","clientOrderId":"b","orderId":"O"}]}"#;
        assert_eq!(verdicts(body), [Verdict::Contradictory, Verdict::Contradictory]);
    }

    #[test]
    fn an_order_without_ids_is_never_matched() {
        let entries = read_reply(br#"{"orders":[{"orderId":"O1"}]}"#).unwrap();
        assert_eq!(match_entries(&entries, &[(None, None)]), [Verdict::Missing]);
    }

    #[test]
    fn what_is_no_bulk_reply_is_refused() {
        for body in [
            "",
            "<html>",
            "[]",
            "{}",
            r#"{"orders":{}}"#,
            r#"{"orders":[{"orderId":"O"#,
            r#"{"errors":[{"errorCode":"1"}]}"#,
        ] {
            assert_eq!(read_reply(body.as_bytes()), None, "{body}");
        }
    }
}

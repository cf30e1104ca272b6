//! The rules that span fields. Each runs when the object that holds its fields has been read.

use super::{
    codes::{self, State},
    collect::Step,
    date,
    walk::{Seen, Walker, What},
    words::{self, Arg, Words},
};
use crate::{
    json::{Decimal, Span, plus, times},
    model::{Address, Order, OrderCharges, OrderLine, Price},
    schema::{Field, Shape},
};
use std::borrow::Cow;

/// What is remembered of an order while it is read.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What the list at hand adds up to.
    pub(super) sum: Sum,
    /// The order's `totalItemAmount` and where it stands.
    item_total: (Amount, Span),
}

/// An amount, if it is known: given, and of no more digits than can be reckoned with exactly.
type Amount = Option<Decimal>;

/// The sum of a list's amounts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sum {
    /// Whether nothing has been added.
    is_empty: bool,
    /// The sum, which is not known if one of the amounts is not.
    total: Amount,
}

impl Default for Sum {
    fn default() -> Self {
        Self { is_empty: true, total: Some(Decimal::ZERO) }
    }
}

impl Sum {
    fn add(&mut self, amount: &Amount) {
        *self = Self { is_empty: false, total: plus(&self.total, amount) };
    }

    /// The sum of a list that has entries.
    fn of_entries(self) -> Amount {
        self.total.filter(|_| !self.is_empty)
    }
}

/// Whether both are known and are not the same.
#[inline(never)]
fn differ(a: &Amount, b: &Amount) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a != b)
}

/// The fields of the object that was just read.
struct Object {
    shape: &'static Shape,
    base: usize,
    span: Span,
}

impl<'a> Walker<'a, '_> {
    /// Runs the rules of an object whose fields are seen from `base` on. Not inlined, nor are the others of its kind: what
    /// is seldom needed would crowd the registers of the loop over the members.
    #[inline(never)]
    pub(super) fn close(&mut self, shape: &'static Shape, field: Option<&'static Field>, base: usize, span: Span) {
        let object = &Object { shape, base, span };
        if std::ptr::eq(shape, OrderLine::SHAPE) {
            self.order_line(object);
        } else if std::ptr::eq(shape, Price::SHAPE) {
            const FEE: usize = Price::SHAPE.position("fee");
            let fee = self.amount(object, FEE);
            self.facts.sum.add(&fee);
        } else if std::ptr::eq(shape, OrderCharges::SHAPE) {
            self.charges(object);
        } else if std::ptr::eq(shape, Address::SHAPE) {
            self.address(object, field.is_some_and(|field| field.name == "toAddress"));
        } else if std::ptr::eq(shape, Order::SHAPE) {
            self.whole_order(object);
        }
    }

    fn seen_at(&self, object: &Object, position: usize) -> Seen {
        self.seen.get(object.base + position).copied().unwrap_or_default()
    }

    /// What the list in a field adds up to.
    #[inline(never)]
    fn sum(&self, object: &Object, position: usize) -> Sum {
        let slot = object.base + position;
        self.sums.iter().rev().find(|(at, _)| *at == slot).map(|(_, sum)| *sum).unwrap_or_default()
    }

    /// The exact value of a field, if it is a number that has one.
    #[inline(never)]
    fn amount(&self, object: &Object, position: usize) -> Amount {
        let seen = self.seen_at(object, position);
        (seen.what == What::Number).then(|| Decimal::parse(seen.span.of(self.text))).flatten()
    }

    /// The same, a field that is not there being zero.
    fn amount_or_zero(&self, object: &Object, position: usize) -> Amount {
        match self.seen_at(object, position).what {
            What::Absent => Some(Decimal::ZERO),
            _ => self.amount(object, position),
        }
    }

    /// The text of a field; empty if it is none.
    #[inline(never)]
    fn text_at(&self, object: &Object, position: usize) -> Cow<'a, str> {
        self.text_of(self.seen_at(object, position)).unwrap_or_default()
    }

    #[inline(never)]
    fn is_filled(&self, object: &Object, position: usize) -> bool {
        let seen = self.seen_at(object, position);
        !matches!(seen.what, What::Absent) && seen.span.of(self.text) != b"\"\"" && seen.span.of(self.text) != b"null"
    }

    /// Notes an issue at a field of the object at hand.
    #[inline(never)]
    fn report_at(&mut self, object: &Object, position: usize, words: &'static Words, args: &[Arg<'_>]) {
        let Some(field) = object.shape.fields.get(position) else { return };
        let seen = self.seen_at(object, position);
        let span = if seen.what == What::Absent { object.span } else { seen.span };
        self.path.push(Step::Field(field));
        self.report(words, span, args);
        self.path.pop();
    }

    #[inline(never)]
    fn order_line(&mut self, object: &Object) {
        const UNIT_PRICE: usize = OrderLine::SHAPE.position("unitPrice");
        const QUANTITY: usize = OrderLine::SHAPE.position("orderedQuantity");
        const LINE_TOTAL: usize = OrderLine::SHAPE.position("lineTotal");
        let (price, quantity) = (self.amount(object, UNIT_PRICE), self.amount(object, QUANTITY));
        let total = self.amount(object, LINE_TOTAL);
        self.facts.sum.add(&total);
        let product = times(&price, &quantity);
        if differ(&total, &product) {
            let args = [Arg::Amount(&total), Arg::Amount(&product), Arg::Amount(&price), Arg::Amount(&quantity)];
            self.report_at(object, LINE_TOTAL, &words::LINE_TOTAL, &args);
        }
    }

    #[inline(never)]
    fn charges(&mut self, object: &Object) {
        const SHIPPING: usize = OrderCharges::SHAPE.position("shippingAmount");
        const ITEMS: usize = OrderCharges::SHAPE.position("totalItemAmount");
        const DUTY: usize = OrderCharges::SHAPE.position("dutyDetails");
        const TAX: usize = OrderCharges::SHAPE.position("totalTaxAmount");
        const TAXES: usize = OrderCharges::SHAPE.position("taxDetails");
        const DISCOUNT: usize = OrderCharges::SHAPE.position("totalDiscountAmount");
        const DISCOUNTS: usize = OrderCharges::SHAPE.position("discountDetails");
        const OTHER: usize = OrderCharges::SHAPE.position("otherChargeDetails");
        const TOTAL: usize = OrderCharges::SHAPE.position("totalOrderAmount");
        for &(total, details, words) in
            &[(TAX, TAXES, &words::TAX_TOTAL), (DISCOUNT, DISCOUNTS, &words::DISCOUNT_TOTAL)]
        {
            let (stated, sum) = (self.amount(object, total), self.sum(object, details).of_entries());
            if differ(&stated, &sum) {
                self.report_at(object, total, words, &[Arg::Amount(&stated), Arg::Amount(&sum)]);
            }
        }
        let (items, total) = (self.amount(object, ITEMS), self.amount(object, TOTAL));
        self.facts.item_total = (items, self.seen_at(object, ITEMS).span);
        let mut base = plus(&items, &self.amount_or_zero(object, SHIPPING));
        base = plus(&base, &self.amount_or_zero(object, TAX));
        base = plus(&base, &self.amount_or_zero(object, DISCOUNT).and_then(Decimal::checked_neg));
        let (duty, other) = (self.sum(object, DUTY).total, self.sum(object, OTHER).total);
        // The reference calls it the sum of all charges, and its sample leaves the duty out.
        let extras = [&Some(Decimal::ZERO), &duty, &other, &plus(&duty, &other)];
        let known = total.is_some() && base.is_some() && duty.is_some() && other.is_some();
        if known && extras.iter().all(|extra| plus(&base, extra) != total) {
            self.report_at(object, TOTAL, &words::ORDER_TOTAL, &[Arg::Amount(&total), Arg::Amount(&base)]);
        }
    }

    #[inline(never)]
    fn address(&mut self, object: &Object, is_delivery: bool) {
        const NAME: usize = Address::SHAPE.position("name");
        const COMPANY: usize = Address::SHAPE.position("company");
        const LINES: usize = Address::SHAPE.position("addressLines");
        const TOWN: usize = Address::SHAPE.position("cityTown");
        const STATE: usize = Address::SHAPE.position("stateProvince");
        const POSTAL_CODE: usize = Address::SHAPE.position("postalCode");
        const COUNTRY: usize = Address::SHAPE.position("countryCode");
        if is_delivery {
            for &(position, words) in
                &[(LINES, &words::NO_ADDRESS_LINES), (TOWN, &words::NO_TOWN), (COUNTRY, &words::NO_COUNTRY)]
            {
                if !self.is_filled(object, position) || (position == LINES && self.has_no_text(object, LINES)) {
                    self.report_at(object, position, words, &[]);
                }
            }
            if !self.is_filled(object, NAME) && !self.is_filled(object, COMPANY) {
                self.report_at(object, NAME, &words::NO_NAME, &[]);
            }
        }
        let written = self.text_at(object, COUNTRY);
        let country = codes::known_country(&written);
        if let Some(country) = country {
            let shown = Arg::Text(std::str::from_utf8(&country).unwrap_or_default());
            for &position in &[STATE, POSTAL_CODE] {
                if is_delivery && codes::needs_region(country) && !self.is_filled(object, position) {
                    self.report_at(object, position, &words::NO_REGION, &[shown]);
                }
            }
            let text = self.text_at(object, STATE);
            match codes::state(country, &text) {
                State::Good => {}
                State::Means(code) => {
                    let args = [Arg::Text(&text), shown, Arg::Text(code)];
                    self.report_at(object, STATE, &words::MISSPELT_STATE, &args);
                }
                State::Unknown => self.report_at(object, STATE, &words::UNKNOWN_STATE, &[Arg::Text(&text), shown]),
            }
        }
        self.postal_code(object, POSTAL_CODE, country, &written);
    }

    #[inline(never)]
    fn postal_code(&mut self, object: &Object, position: usize, country: Option<codes::Country>, written: &str) {
        let seen = self.seen_at(object, position);
        let is_number = seen.what == What::Number;
        let text = if is_number { self.source_of(seen.span).into() } else { self.text_at(object, position) };
        if text.is_empty() {
            return;
        }
        let shown = Arg::Text(&text);
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if country == Some(*b"US") && digits && text.len() == 4 {
            self.report_at(object, position, &words::LOST_ZERO, &[shown]);
            return;
        }
        let missed = country.and_then(|country| codes::postal_forms_missed(country, &text));
        if is_number {
            let certain = match country {
                Some(_) => missed.is_none(),
                None => codes::country_named(written)
                    .and_then(codes::known_country)
                    .is_some_and(|country| codes::postal_forms_missed(country, &text).is_none()),
            };
            // Where the digits have not the form of the country, or it is not known, a zero may have been lost.
            let mend = if digits && certain { &text } else { "" };
            self.report_at(object, position, &words::POSTAL_NUMBER, &[shown, Arg::Text(mend)]);
        }
        if let Some((country, forms)) = country.zip(missed) {
            let country = std::str::from_utf8(&country).unwrap_or_default();
            self.report_at(object, position, &words::POSTAL_FORM, &[shown, Arg::Text(country), Arg::Text(&forms)]);
        }
    }

    /// Whether a list of texts has none with a character in it.
    #[inline(never)]
    fn has_no_text(&self, object: &Object, position: usize) -> bool {
        let seen = self.seen_at(object, position);
        let mut inside = false;
        let mut has_text = |&byte: &u8| {
            inside ^= byte == b'"';
            inside && byte != b'"'
        };
        seen.what == What::Nested && !seen.span.of(self.text).iter().any(&mut has_text)
    }

    #[inline(never)]
    fn whole_order(&mut self, object: &Object) {
        const CLIENT_ID: usize = Order::SHAPE.position("clientId");
        const CLIENT_ORDER_ID: usize = Order::SHAPE.position("clientOrderId");
        const LINES: usize = Order::SHAPE.position("orderLines");
        const CHARGES: usize = Order::SHAPE.position("orderCharges");
        const ITEMS: usize = OrderCharges::SHAPE.position("totalItemAmount");
        let id = |at| Some(self.text_at(object, at)).filter(|id| !id.is_empty());
        let (client_id, client_order_id) = (id(CLIENT_ID), id(CLIENT_ORDER_ID));
        let index = self.first_order + self.orders.len() - 1;
        if let Some(order) = self.orders.last_mut() {
            order.client_id = owned(&client_id);
            order.client_order_id = owned(&client_order_id);
        }
        if let (Some(client_id), Some(id)) = (client_id, client_order_id) {
            let ids = (client_id, id);
            let before = self.earlier.and_then(|earlier| earlier.get(&ids));
            let first = self.known.note(ids, before.unwrap_or(index)).copied().or(before);
            if let Some((first, order)) = first.zip(self.orders.last()) {
                let id = order.client_order_id.clone().unwrap_or_default();
                let args = [Arg::Text(&id), Arg::Number(first + 1)];
                self.report_at(object, CLIENT_ORDER_ID, &words::DUPLICATE_ORDER, &args);
            }
        }
        let ((stated, span), sum) = (self.facts.item_total, self.sum(object, LINES).of_entries());
        if differ(&stated, &sum)
            && let (Some(charges), Some(items)) =
                (Order::SHAPE.fields.get(CHARGES), OrderCharges::SHAPE.fields.get(ITEMS))
        {
            self.path.extend([Step::Field(charges), Step::Field(items)]);
            self.report(&words::ITEM_TOTAL, span, &[Arg::Amount(&stated), Arg::Amount(&sum)]);
            self.path.truncate(self.path.len() - 2);
        }
        self.dates(object);
    }

    #[inline(never)]
    fn dates(&mut self, object: &Object) {
        const CREATED: usize = Order::SHAPE.position("createDate");
        const SHIP: usize = Order::SHAPE.position("shipOnDate");
        const RELEASE: usize = Order::SHAPE.position("fulfillmentReleaseDate");
        const PROMISED: usize = Order::SHAPE.position("promisedDeliveryDate");
        const UPDATED: usize = Order::SHAPE.position("updateDate");
        // The issue stands at the date that is more likely wrong: never at the creation date, which a system wrote.
        // Release and ship are not ordered: the reference's sample releases a day after it ships.
        for &(early, late, at_late) in &[
            (CREATED, SHIP, true),
            (CREATED, RELEASE, true),
            (CREATED, PROMISED, true),
            (CREATED, UPDATED, true),
            (SHIP, PROMISED, false),
            (RELEASE, PROMISED, false),
        ] {
            let raw = |at| self.seen_at(object, at).span.of(self.text);
            if are_ordered(raw(early), raw(late)) {
                continue;
            }
            let (early_text, late_text) = (self.text_at(object, early), self.text_at(object, late));
            let epoch = |text: &str| date::parse(text).map(|date| date.epoch);
            if !matches!((epoch(&early_text), epoch(&late_text)), (Ok(early), Ok(late)) if early > late) {
                continue;
            }
            let (at, text, other, other_text, words) = if at_late {
                (late, late_text, early, early_text, &words::DATE_BEFORE)
            } else {
                (early, early_text, late, late_text, &words::DATE_AFTER)
            };
            if let Some(label) = object.shape.fields.get(other).map(Arg::Label) {
                self.report_at(object, at, words, &[Arg::Text(&text), label, Arg::Text(&other_text)]);
            }
        }
    }
}

/// Whether it can be seen at once that the first value is no later date than the second: one is not there, or both are texts
/// in the documented form, which are ordered as their moments are.
#[inline(never)]
fn are_ordered(a: &[u8], b: &[u8]) -> bool {
    let documented = |value: &[u8]| value.len() == 22 && value.get(11) == Some(&b'T') && value.ends_with(b"Z\"");
    a.is_empty() || b.is_empty() || documented(a) && documented(b) && a <= b
}

#[inline(never)]
fn owned(id: &Option<Cow<'_, str>>) -> Option<String> {
    id.as_deref().map(str::to_owned)
}

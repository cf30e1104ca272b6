//! The rules that span fields. Each runs when the object that holds its fields has been read.

use super::{
    Code,
    codes::{self, State},
    collect::{Draft, Step, quote},
    date,
    values::text_fix,
    walk::{Seen, Walker, What},
};
use crate::{
    json::{Decimal, Span},
    model::{Address, Order, OrderCharges, OrderLine, Price},
    schema::{Field, Shape},
};
use std::collections::btree_map::Entry;

/// What is remembered of an order while it is read.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// What the list at hand adds up to.
    pub(super) sum: Sum,
    /// The order's `totalItemAmount` and where it stands.
    item_total: Option<(Decimal, Span)>,
}

/// The sum of a list's amounts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Sum {
    /// No entry has been added.
    #[default]
    Empty,
    /// So much.
    Exact(Decimal),
    /// An entry has no amount, or one that is too long to be added exactly.
    Unknown,
}

impl Sum {
    fn add(&mut self, amount: Option<Decimal>) {
        let sum = match self {
            Self::Empty => Some(Decimal::ZERO),
            Self::Exact(sum) => Some(*sum),
            Self::Unknown => None,
        };
        let sum = sum.zip(amount).and_then(|(sum, amount)| sum.checked_add(amount));
        *self = sum.map_or(Self::Unknown, Self::Exact);
    }

    const fn exact(self) -> Option<Decimal> {
        match self {
            Self::Exact(sum) => Some(sum),
            _ => None,
        }
    }

    /// The sum, an empty list being zero.
    const fn or_zero(self) -> Option<Decimal> {
        match self {
            Self::Empty => Some(Decimal::ZERO),
            Self::Exact(sum) => Some(sum),
            Self::Unknown => None,
        }
    }
}

/// The fields of the object that was just read.
#[derive(Clone, Copy)]
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
        let object = Object { shape, base, span };
        if std::ptr::eq(shape, OrderLine::SHAPE) {
            self.order_line(object);
        } else if std::ptr::eq(shape, Price::SHAPE) {
            const FEE: usize = Price::SHAPE.position("fee");
            let fee = self.amount(object, FEE);
            self.facts.sum.add(fee);
        } else if std::ptr::eq(shape, OrderCharges::SHAPE) {
            self.charges(object);
        } else if std::ptr::eq(shape, Address::SHAPE) {
            self.address(object, field.is_some_and(|field| field.name == "toAddress"));
        } else if std::ptr::eq(shape, Order::SHAPE) {
            self.whole_order(object);
        }
    }

    fn seen_at(&self, object: Object, position: usize) -> Seen {
        self.seen.get(object.base + position).copied().unwrap_or_default()
    }

    /// What the list in a field adds up to.
    fn sum(&self, object: Object, position: usize) -> Sum {
        let slot = object.base + position;
        self.sums.iter().rev().find(|(at, _)| *at == slot).map(|(_, sum)| *sum).unwrap_or_default()
    }

    /// The exact value of a field, if it is a number that has one.
    fn amount(&self, object: Object, position: usize) -> Option<Decimal> {
        let seen = self.seen_at(object, position);
        (seen.what == What::Number).then(|| Decimal::parse(seen.span.of(self.text))).flatten()
    }

    /// The same, a field that is not there being zero.
    fn amount_or_zero(&self, object: Object, position: usize) -> Option<Decimal> {
        match self.seen_at(object, position).what {
            What::Absent => Some(Decimal::ZERO),
            _ => self.amount(object, position),
        }
    }

    fn is_filled(&self, object: Object, position: usize) -> bool {
        let seen = self.seen_at(object, position);
        !matches!(seen.what, What::Absent) && seen.span.of(self.text) != b"\"\"" && seen.span.of(self.text) != b"null"
    }

    /// Notes an issue at a field of the object at hand.
    fn report_at(&mut self, object: Object, position: usize, code: Code, draft: Box<Draft>) {
        let Some(field) = object.shape.fields.get(position) else { return };
        let seen = self.seen_at(object, position);
        let span = if seen.what == What::Absent { object.span } else { seen.span };
        self.path.push(Step::Field(field));
        self.report(code, span, draft);
        self.path.pop();
    }

    fn order_line(&mut self, object: Object) {
        const UNIT_PRICE: usize = OrderLine::SHAPE.position("unitPrice");
        const QUANTITY: usize = OrderLine::SHAPE.position("orderedQuantity");
        const LINE_TOTAL: usize = OrderLine::SHAPE.position("lineTotal");
        let total = self.amount(object, LINE_TOTAL);
        self.facts.sum.add(total);
        let (price, quantity) = (self.amount(object, UNIT_PRICE), self.amount(object, QUANTITY));
        if let (Some(total), Some(price), Some(quantity)) = (total, price, quantity)
            && let Some(product) = price.checked_mul(quantity)
            && product != total
            && !self.passes_over(Code::LineTotal)
        {
            let draft = mismatch(total, product, format!("unit price {price} times quantity {quantity}"));
            self.report_at(object, LINE_TOTAL, Code::LineTotal, draft);
        }
    }

    fn charges(&mut self, object: Object) {
        const SHIPPING: usize = OrderCharges::SHAPE.position("shippingAmount");
        const ITEMS: usize = OrderCharges::SHAPE.position("totalItemAmount");
        const DUTY: usize = OrderCharges::SHAPE.position("dutyDetails");
        const TAX: usize = OrderCharges::SHAPE.position("totalTaxAmount");
        const TAXES: usize = OrderCharges::SHAPE.position("taxDetails");
        const DISCOUNT: usize = OrderCharges::SHAPE.position("totalDiscountAmount");
        const DISCOUNTS: usize = OrderCharges::SHAPE.position("discountDetails");
        const OTHER: usize = OrderCharges::SHAPE.position("otherChargeDetails");
        const TOTAL: usize = OrderCharges::SHAPE.position("totalOrderAmount");
        for (total, details, code, what) in [
            (TAX, TAXES, Code::TotalTaxAmount, "the sum of the taxes"),
            (DISCOUNT, DISCOUNTS, Code::TotalDiscountAmount, "the sum of the discounts"),
        ] {
            if let (Some(stated), Some(sum)) = (self.amount(object, total), self.sum(object, details).exact())
                && stated != sum
                && !self.passes_over(code)
            {
                self.report_at(object, total, code, mismatch(stated, sum, what.into()));
            }
        }
        let items = self.amount(object, ITEMS);
        self.facts.item_total = items.map(|items| (items, self.seen_at(object, ITEMS).span));
        let base = || {
            let shipping = self.amount_or_zero(object, SHIPPING)?;
            let (tax, discount) = (self.amount_or_zero(object, TAX)?, self.amount_or_zero(object, DISCOUNT)?);
            items?.checked_add(shipping)?.checked_add(tax)?.checked_sub(discount)
        };
        let duty = self.sum(object, DUTY).or_zero();
        let other = self.sum(object, OTHER).or_zero();
        if let (Some(total), Some(base), Some(duty), Some(other)) = (self.amount(object, TOTAL), base(), duty, other) {
            // The reference calls it the sum of all charges, and its sample leaves the duty out.
            let fits = |extra: Option<Decimal>| extra.and_then(|extra| base.checked_add(extra)) == Some(total);
            let extras = [Some(Decimal::ZERO), Some(duty), Some(other), duty.checked_add(other)];
            if !extras.into_iter().any(fits) && !self.passes_over(Code::TotalOrderAmount) {
                let draft = mismatch(total, base, "items + shipping + tax - discount".into());
                self.report_at(object, TOTAL, Code::TotalOrderAmount, draft);
            }
        }
    }

    fn address(&mut self, object: Object, is_delivery: bool) {
        const NAME: usize = Address::SHAPE.position("name");
        const COMPANY: usize = Address::SHAPE.position("company");
        const LINES: usize = Address::SHAPE.position("addressLines");
        const TOWN: usize = Address::SHAPE.position("cityTown");
        const STATE: usize = Address::SHAPE.position("stateProvince");
        const POSTAL_CODE: usize = Address::SHAPE.position("postalCode");
        const COUNTRY: usize = Address::SHAPE.position("countryCode");
        if is_delivery {
            for (position, help) in [
                (LINES, "Add a street line, such as “2352 Bent Creek Rd”."),
                (TOWN, "Add the town."),
                (COUNTRY, "Add the country's two-letter code, such as US."),
            ] {
                let filled = self.is_filled(object, position);
                if !filled || (position == LINES && self.has_no_text(object, LINES)) {
                    let draft = Draft::new("is missing; nothing can be delivered without it.").help(help);
                    self.report_at(object, position, Code::AddressIncomplete, draft);
                }
            }
            if !self.is_filled(object, NAME) && !self.is_filled(object, COMPANY) {
                let draft = Draft::sentence("neither a name nor a company is given.").help("Add one of the two.");
                self.report_at(object, NAME, Code::AddressName, draft);
            }
        }
        let written = self.text_of(self.seen_at(object, COUNTRY)).unwrap_or_default();
        let country = codes::known_country(&written);
        if let Some(country) = country {
            let shown = std::str::from_utf8(&country).unwrap_or_default();
            for position in [STATE, POSTAL_CODE] {
                if is_delivery && codes::needs_region(country) && !self.is_filled(object, position) {
                    let draft = Draft::new(format!("is missing; addresses in {shown} have one.")).help("Add it.");
                    self.report_at(object, position, Code::AddressRegion, draft);
                }
            }
            let text = self.text_of(self.seen_at(object, STATE)).unwrap_or_default();
            let state = if text.is_empty() { State::Good } else { codes::state(country, &text) };
            if !matches!(state, State::Good) && !self.passes_over(Code::StateProvince) {
                let draft = Draft::new(format!("is {}, which is not a code of {shown}.", quote(&text))).received(&text);
                let draft = match state {
                    State::Means(code) => draft.expected(code).help(&format!("Use “{code}”.")).fix(text_fix(code)),
                    _ => draft.help("Use the two or three capitals of the state, such as CA or NSW."),
                };
                self.report_at(object, STATE, Code::StateProvince, draft);
            }
        }
        self.postal_code(object, POSTAL_CODE, country, &written);
    }

    fn postal_code(&mut self, object: Object, position: usize, country: Option<codes::Country>, written: &str) {
        let seen = self.seen_at(object, position);
        let is_number = seen.what == What::Number;
        let text = match seen.what {
            What::Number => self.source_of(seen.span).into(),
            _ => self.text_of(seen).unwrap_or_default(),
        };
        if text.is_empty() {
            return;
        }
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        if country == Some(*b"US") && digits && text.len() == 4 {
            if self.passes_over(Code::PostalCodeZero) {
                return;
            }
            let draft = Draft::new(format!("is {text}: its leading zero was lost."))
                .expected("99999")
                .received(&text)
                .help(&format!("Write “0{text}”, in quotes."))
                .fix(text_fix(&format!("0{text}")));
            self.report_at(object, position, Code::PostalCodeZero, draft);
            return;
        }
        let missed = country.and_then(|country| Some((country, codes::postal_forms_missed(country, &text)?)));
        if is_number && !self.passes_over(Code::PostalCodeNumber) {
            let meant = country.or_else(|| codes::known_country(&codes::country_named(written)?));
            let certain = meant.is_some_and(|country| codes::postal_forms_missed(country, &text).is_none());
            let draft = Draft::new(format!("is the number {text}; the API documents text."))
                .expected("text")
                .received("number")
                .help(&format!("Put it in quotes: “{text}”. A number loses its leading zeros."))
                // Where the digits have not the form of the country, or it is not known, a zero may have been lost.
                .fix(text_fix(&text).filter(|_| digits && certain));
            self.report_at(object, position, Code::PostalCodeNumber, draft);
        }
        if let Some((country, forms)) = missed
            && !self.passes_over(Code::PostalCode)
        {
            let shown = std::str::from_utf8(&country).unwrap_or_default();
            let draft = Draft::new(format!("is {}, which is not the usual form in {shown}.", quote(&text)))
                .expected(&forms.clone())
                .received(&text)
                .help(&format!("The usual form is {forms} (9 stands for a digit, A for a letter)."));
            self.report_at(object, position, Code::PostalCode, draft);
        }
    }

    /// Whether a list of texts has none with a character in it.
    fn has_no_text(&self, object: Object, position: usize) -> bool {
        let seen = self.seen_at(object, position);
        seen.what == What::Nested
            && !seen.span.of(self.text).split(|&byte| byte == b'"').skip(1).step_by(2).any(|text| !text.is_empty())
    }

    fn whole_order(&mut self, object: Object) {
        const CLIENT_ID: usize = Order::SHAPE.position("clientId");
        const CLIENT_ORDER_ID: usize = Order::SHAPE.position("clientOrderId");
        const LINES: usize = Order::SHAPE.position("orderLines");
        const CHARGES: usize = Order::SHAPE.position("orderCharges");
        const ITEMS: usize = OrderCharges::SHAPE.position("totalItemAmount");
        let id = |position| self.text_of(self.seen_at(object, position)).filter(|id| !id.is_empty());
        let (client_id, client_order_id) = (id(CLIENT_ID), id(CLIENT_ORDER_ID));
        let index = self.first_order + self.orders.len() - 1;
        if let Some(order) = self.orders.last_mut() {
            order.client_id = client_id.as_deref().map(str::to_owned);
            order.client_order_id = client_order_id.as_deref().map(str::to_owned);
        }
        if let (Some(client_id), Some(id)) = (client_id, client_order_id) {
            let first = match self.known.entry((client_id, id)) {
                Entry::Vacant(entry) => {
                    let first = self.earlier.and_then(|earlier| earlier.get(entry.key()));
                    entry.insert(first.unwrap_or(index));
                    first
                }
                Entry::Occupied(entry) => Some(*entry.get()),
            };
            if let Some((first, order)) = first.zip(self.orders.last()) {
                let draft = duplicate_order(order.client_order_id.as_deref().unwrap_or_default(), first);
                self.report_at(object, CLIENT_ORDER_ID, Code::DuplicateOrder, draft);
            }
        }
        if let (Some((stated, span)), Some(sum)) = (self.facts.item_total, self.sum(object, LINES).exact())
            && stated != sum
            && !self.passes_over(Code::TotalItemAmount)
            && let (Some(charges), Some(items)) =
                (Order::SHAPE.fields.get(CHARGES), OrderCharges::SHAPE.fields.get(ITEMS))
        {
            self.path.extend([Step::Field(charges), Step::Field(items)]);
            self.report(Code::TotalItemAmount, span, mismatch(stated, sum, "the sum of the line totals".into()));
            self.path.truncate(self.path.len() - 2);
        }
        self.dates(object);
    }

    fn dates(&mut self, object: Object) {
        const CREATED: usize = Order::SHAPE.position("createDate");
        const SHIP: usize = Order::SHAPE.position("shipOnDate");
        const RELEASE: usize = Order::SHAPE.position("fulfillmentReleaseDate");
        const PROMISED: usize = Order::SHAPE.position("promisedDeliveryDate");
        const UPDATED: usize = Order::SHAPE.position("updateDate");
        let moment = |position: usize| {
            let text = self.text_of(self.seen_at(object, position))?;
            let date = date::parse(&text).ok()?;
            Some((position, date, text))
        };
        let [created, ship, release, promised, updated] = [CREATED, SHIP, RELEASE, PROMISED, UPDATED].map(moment);
        // Release and ship are not ordered: the reference's sample releases a day after it ships.
        for (earlier, later, at_later) in [
            (&created, &ship, true),
            (&created, &release, true),
            (&created, &promised, true),
            (&created, &updated, true),
            (&ship, &promised, false),
            (&release, &promised, false),
        ] {
            let (Some((early_at, early, early_text)), Some((late_at, late, late_text))) = (earlier, later) else {
                continue;
            };
            if early.epoch <= late.epoch || self.passes_over(Code::DateOrder) {
                continue;
            }
            let label = |position: usize| object.shape.fields.get(position).map(Field::label_text).unwrap_or_default();
            // The issue stands at the date that is more likely wrong: never at the creation date, which a system wrote.
            let (at, text, relation, other, other_text) = if at_later {
                (*late_at, late_text, "before", label(*early_at), early_text)
            } else {
                (*early_at, early_text, "after", label(*late_at), late_text)
            };
            let draft = Draft::new(format!("({text}) is {relation} the {other} ({other_text})."))
                .received(text)
                .expected(&format!("not {relation} {other_text}"))
                .help("Check both dates.");
            self.report_at(object, at, Code::DateOrder, draft);
        }
    }
}

/// The API may update the first or make a second, nobody knows which.
fn duplicate_order(id: &str, first: usize) -> Box<Draft> {
    let place = first + 1;
    Draft::new(format!("{} is also that of order {place} of the input, with the same client id.", quote(id)))
        .received(id)
        .help("Delete one of the two, or give it an id of its own. If both are sent, the second goes after the first has ended.")
}

fn mismatch(stated: Decimal, exact: Decimal, what: String) -> Box<Draft> {
    Draft::new(format!("is {stated}, but {what} is {exact}."))
        .expected(&exact.to_string())
        .received(&stated.to_string())
        .help("Correct whichever of them is wrong.")
}

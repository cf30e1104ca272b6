//! Everything the validator says, in one place, and how it is put together.
//!
//! A wording stands behind the name of the field, "is missing." for "Order line 2: SKU is missing.", or is a sentence of its
//! own, marked by `whole`. `{0}` is the first of the values that the rule hands over, and `{0…}` the same, shortened if it is
//! long. Of what was received a report never holds more than the same length.

use super::{Code, Fix, Issue};
use crate::{
    json::{Decimal, Span},
    schema::{Field, Kind},
    text::{append, append_number, beginning, hex_digit},
};

/// What is said of one kind of finding.
#[derive(Debug)]
pub(super) struct Words {
    /// The rule.
    pub(super) code: Code,
    /// Whether the text is a sentence of its own.
    pub(super) whole: bool,
    /// The text, what is expected, what was received, the help and the mend: a line each, empty where there is none.
    lines: &'static str,
}

/// Declares the wordings: a name, the code of the rule, and the parts. A mend is JSON text, or `-` to take the member out; if
/// there is nothing in it, the finding has none. What is put into the quotes of a mend must need no escape.
macro_rules! words {
    ($(
        $name:ident $code:ident $($whole:ident)? $text:literal
        $(, expected $expected:literal)? $(, received $received:literal)? $(, help $help:literal)? $(, mend $mend:literal)?;
    )+) => {$(
        pub(super) static $name: Words = Words {
            code: Code::$code,
            whole: words!(@$($whole)?),
            lines: concat!(
                $text, "\n" $(, $expected)?, "\n" $(, $received)?, "\n" $(, $help)?, "\n" $(, $mend)?
            ),
        };
    )+};
    (@) => { false };
    (@whole) => { true };
}

words! {
    // The text as a whole.
    NOT_JSON JsonSyntax whole "this is not JSON: line {0}, column {1}: expected {2}, found {3}.",
        expected "{2}", received "{3}";
    NOT_UTF8 InvalidUtf8 whole "this is not UTF-8 text: line {0}, column {1}: {3}.",
        expected "UTF-8", received "{3}", help "Save the file with the encoding UTF-8.";
    TOO_DEEP TooDeep whole "line {0}, column {1}: values are nested more than {2} levels deep, which no order is.",
        expected "at most {2} levels", received "{3}";
    TOO_LARGE TooLarge whole "the input has {0} bytes; at most {1} are taken.",
        expected "at most {1} bytes", received "{0} bytes", help "Divide it, or raise the option maxBytes.";
    ORDER_TOO_LARGE TooLarge whole "an order, or what stands beside the orders, has more than {0} bytes.",
        expected "at most {0} bytes", help "Look whether the input is what it should be, or raise the option maxBytes.";
    NO_ORDERS Type whole "the input is {0}, not orders.",
        expected "{ \"orders\": [ ... ] } or a list of orders", received "{0}",
        help "Give the orders as { \"orders\": [ ... ] } or as a list.";
    NO_ORDER Type "is not an object.", expected "object", received "{0}";

    // Members.
    MISSING Required "is missing.", expected "{0}", help "Fill it in.";
    NULL_REQUIRED Required "is null.", received "null", help "Fill it in.";
    NULL Type "is null.",
        expected "{0}", received "null", help "Leave the field out if there is nothing to say.", mend "-";
    RESERVED_FIELD ReservedField "is reserved by the API for future use and has no effect.",
        help "Leave it out unless you were told to send it.";
    UNKNOWN_FIELD UnknownField whole "“{0…}” is not a field that the API documents here.",
        help "Leave it out, or check its spelling.";
    MISSPELT_FIELD UnknownField whole "“{0…}” is not a field that the API documents here.",
        expected "{1}", help "Did you mean “{1}”?";
    DUPLICATE_KEY DuplicateKey "is given twice in one object.", help "Keep one of the two and delete the other.";

    // Values.
    WRONG_TYPE Type "must be {0}{1}, and is {2}{3}{4}.",
        expected "{1}", received "{3}", help "{5}", mend "{6}";
    QUOTED_NUMBER Type "must be {0}{1}, and is {2}{3}{4}.",
        expected "{1}", received "{3}", help "Write {6} without quotes.", mend "{6}";
    LONE_SURROGATE LoneSurrogate "holds half of a surrogate pair, which is no character.",
        help "Type the character again: it was cut in two, often by shortening a text with an emoji in it.";
    EMPTY Required "is empty.", received "\"\"", help "Fill it in.";
    TOO_LONG TooLong "“{0…}” has {1} characters; at most {2} are allowed.",
        expected "at most {2} characters", received "{1} characters", help "Shorten it by {3}.";
    NOT_ALLOWED NotAllowed "is “{0…}”; it must be one of: {1}.", expected "{1}", received "{0}", mend "\"{2}\"";
    RESERVED_VALUE ReservedValue "is “{0…}”, which the API reserves for future use.",
        received "{0}", help "The order is handled as a normal one.";
    NUMBER_RANGE NumberRange "is the number “{0…}”, which is larger than programs can hold.",
        expected "below 1e308", received "“{0…}”", help "Check the number: no price or quantity is that large.";
    NOT_POSITIVE NotPositive "is {0}; it must be above zero.", expected "above 0", received "{0}";
    NO_QUANTITY OrderedQuantity "is {0}; it must be above zero.", expected "above 0", received "{0}";

    // Lists.
    TOO_MANY_ORDERS TooManyOrders "has {0} entries; at most {1} are allowed.",
        expected "at most {1}", received "{0}", help "Send them in several requests.";
    TOO_MANY TooMany "has {0} entries; at most {1} are allowed.",
        expected "at most {1}", received "{0}", help "Join or leave out the last ones.";
    NO_ORDER_LINES NoOrderLines whole "there is no order line.",
        expected "at least {0}", received "0", help "Add what was ordered.";

    // Dates.
    DATE_FORM DateTime "is “{0…}”; it must have the form YYYY-MM-DDThh:mm:ssZ.",
        expected "YYYY-MM-DDThh:mm:ssZ", received "{0}", help "An example: 2022-02-07T01:20:00Z.";
    DATE_ZONE DateTime
        "is “{0…}”; it does not have the form YYYY-MM-DDThh:mm:ssZ: the time zone is not told.",
        expected "YYYY-MM-DDThh:mm:ssZ", received "{0}", help "If the time is in UTC, write {1}T{2}Z.";
    DATE_TIME DateTime "is “{0…}”; it has no time; the form is YYYY-MM-DDThh:mm:ssZ.",
        expected "YYYY-MM-DDThh:mm:ssZ", received "{0}", help "Add the time in UTC, such as {1}T12:00:00Z.";
    DATE_CALENDAR DateTime "is “{0…}”; there is no such date and time.",
        expected "YYYY-MM-DDThh:mm:ssZ", received "{0}", help "Check year, month, day, hour, minute and second.";
    DATE_OTHER_FORM DateTimeForm "is “{0…}”; the API documents the form YYYY-MM-DDThh:mm:ssZ.",
        expected "YYYY-MM-DDThh:mm:ssZ", received "{0}", help "Write it as {1}.", mend "\"{2}\"";
    DATE_BEFORE DateOrder "({0}) is before the {1} ({2}).",
        expected "not before {2}", received "{0}", help "Check both dates.";
    DATE_AFTER DateOrder "({0}) is after the {1} ({2}).",
        expected "not after {2}", received "{0}", help "Check both dates.";

    // Codes of countries and currencies.
    LONG_COUNTRY TooLong "is “{0…}”, which is not a two-letter code.",
        expected "two-letter country code", received "{0}",
        help "Use the two-letter code of the country (ISO 3166-1 alpha-2), such as US, CA or DE.";
    NAMED_COUNTRY TooLong "is “{0…}”, which is not a two-letter code.",
        expected "two-letter country code", received "{0}", help "Use the two-letter code: “{1}”.", mend "\"{1}\"";
    UNKNOWN_COUNTRY CountryCode "is “{0…}”, which is not a country code of ISO 3166-1.",
        expected "two-letter country code", received "{0}",
        help "Use the two-letter code of the country, such as US, CA or DE.";
    MISSPELT_COUNTRY CountryCode "is “{0…}”, which is not a country code of ISO 3166-1.",
        expected "two-letter country code", received "{0}", help "Use “{1}”.", mend "\"{1}\"";
    CURRENCY CurrencyCode "is “{0…}”, which is not a currency code of ISO 4217.",
        expected "three-letter currency code", received "{0}", help "Use three capitals, such as USD, CAD or EUR.",
        mend "\"{1}\"";

    // Addresses.
    NO_ADDRESS_LINES AddressIncomplete "is missing; nothing can be delivered without it.",
        help "Add a street line, such as “2352 Bent Creek Rd”.";
    NO_TOWN AddressIncomplete "is missing; nothing can be delivered without it.", help "Add the town.";
    NO_COUNTRY AddressIncomplete "is missing; nothing can be delivered without it.",
        help "Add the country's two-letter code, such as US.";
    NO_NAME AddressName whole "neither a name nor a company is given.", help "Add one of the two.";
    NO_REGION AddressRegion "is missing; addresses in {0} have one.", help "Add it.";
    UNKNOWN_STATE StateProvince "is “{0…}”, which is not a code of {1}.",
        received "{0}", help "Use the two or three capitals of the state, such as CA or NSW.";
    MISSPELT_STATE StateProvince "is “{0…}”, which is not a code of {1}.",
        expected "{2}", received "{0}", help "Use “{2}”.", mend "\"{2}\"";
    LOST_ZERO PostalCodeZero "is {0}: its leading zero was lost.",
        expected "99999", received "{0}", help "Write “0{0}”, in quotes.", mend "\"0{0}\"";
    POSTAL_NUMBER PostalCodeNumber "is the number {0}; the API documents text.",
        expected "text", received "number", help "Put it in quotes: “{0}”. A number loses its leading zeros.",
        mend "\"{1}\"";
    POSTAL_FORM PostalCode "is “{0…}”, which is not the usual form in {1}.",
        expected "{2}", received "{0}", help "The usual form is {2} (9 stands for a digit, A for a letter).";

    // Amounts.
    LINE_TOTAL LineTotal "is {0}, but unit price {2} times quantity {3} is {1}.",
        expected "{1}", received "{0}", help "Correct whichever of them is wrong.";
    ITEM_TOTAL TotalItemAmount "is {0}, but the sum of the line totals is {1}.",
        expected "{1}", received "{0}", help "Correct whichever of them is wrong.";
    TAX_TOTAL TotalTaxAmount "is {0}, but the sum of the taxes is {1}.",
        expected "{1}", received "{0}", help "Correct whichever of them is wrong.";
    DISCOUNT_TOTAL TotalDiscountAmount "is {0}, but the sum of the discounts is {1}.",
        expected "{1}", received "{0}", help "Correct whichever of them is wrong.";
    ORDER_TOTAL TotalOrderAmount "is {0}, but items + shipping + tax - discount is {1}.",
        expected "{1}", received "{0}", help "Correct whichever of them is wrong.";

    // The API may update the first or make a second, nobody knows which.
    DUPLICATE_ORDER DuplicateOrder "“{0…}” is also that of order {1} of the input, with the same client id.",
        received "{0}",
        help "Delete one of the two, or give it an id of its own. If both are sent, the second goes after the first has ended.";
}

// What stands in the places of others, or before them.
pub(super) const ORDER: &str = "the order";
pub(super) const INPUT: &str = "the input";
pub(super) const NAME: &str = "“{0…}”";
pub(super) const VALUE: &str = " (“{0…}”)";
pub(super) const PUT_IN_QUOTES: &str = "Put it in quotes.";
pub(super) const CHARACTER: &str = "“{0}”";
pub(super) const CONTROL_CHARACTER: &str = "the control character U+00{0}";
pub(super) const BYTE: &str = "the byte 0x{0}";
pub(super) const END: &str = "the end of the text";

/// The JSON type of a kind, as reports name it.
pub(super) const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Country | Kind::Currency | Kind::PostalCode => "text",
        Kind::DateTime => "date and time",
        Kind::Number => "number",
        Kind::Boolean => "true or false",
        Kind::Object(_) => "object",
        Kind::List(_) => "list",
        Kind::Any => "any value",
    }
}

/// What stands before the name of a kind.
pub(super) fn article(kind: &str) -> &'static str {
    // A comparison of each with all of them would be larger: a list, a date and time, an object.
    match kind.as_bytes() {
        b"number" | [b'l' | b'd', ..] => "a ",
        [b'o', ..] => "an ",
        _ => "",
    }
}

/// A value in a wording.
#[derive(Clone, Copy, Debug)]
pub(super) enum Arg<'a> {
    /// A text.
    Text(&'a str),
    /// A number of things.
    Number(usize),
    /// An amount that is known.
    Amount(&'a Option<Decimal>),
    /// A byte, as two hexadecimal digits.
    Byte(u8),
    /// Texts, parted by commas.
    List(&'a [&'a str]),
    /// The name of a field.
    Label(&'a Field),
}

/// How many characters of a value a message shows.
const LONGEST: usize = 60;

impl Words {
    /// The issue: its text behind what `message` begins with, and as yet without a place.
    #[inline(never)]
    pub(super) fn issue(&self, mut message: String, args: &[Arg<'_>]) -> Issue {
        let rest = fill(&mut message, self.lines, args);
        let (expected, rest) = filled(rest, args);
        let (received, rest) = filled(rest, args);
        let (help, rest) = filled(rest, args);
        let (mend, _) = filled(rest, args);
        Issue {
            severity: self.code.severity(),
            code: self.code,
            message,
            path: Vec::new(),
            pointer: String::new(),
            order_index: None,
            client_order_id: None,
            expected,
            received: received.map(|text| beginning(&text, LONGEST).map(str::to_owned).unwrap_or(text)),
            // A place that a value without characters was put in says nothing, but for what was received.
            help: help.filter(|help| !help.is_empty()),
            fix: mend.filter(|mend| !matches!(mend.as_str(), "" | "\"\"")).map(|json| match json.as_str() {
                "-" => Fix::Remove,
                _ => Fix::Replace { json },
            }),
            position: None,
            provenance: self.code.provenance(),
            span: Span::default(),
        }
    }
}

/// The first line of a template with the values in their places, if there is anything in it, and the lines behind it.
#[inline(never)]
fn filled<'t>(template: &'t str, args: &[Arg<'_>]) -> (Option<String>, &'t str) {
    if let Some(rest) = template.strip_prefix('\n') {
        return (None, rest);
    }
    let mut out = String::with_capacity(64);
    let rest = fill(&mut out, template, args);
    (Some(out).filter(|_| !template.is_empty()), rest)
}

/// Appends the first line of a template with the values in their places; gives the lines behind it.
#[inline(never)]
pub(super) fn fill<'t>(out: &mut String, template: &'t str, args: &[Arg<'_>]) -> &'t str {
    let mut rest = template;
    loop {
        let end = rest.bytes().position(|byte| matches!(byte, b'{' | b'\n')).unwrap_or(rest.len());
        let (plain, place) = rest.split_at_checked(end).unwrap_or_default();
        append(out, plain);
        let length = match place.as_bytes() {
            [] => return "",
            [b'\n', ..] => return place.get(1..).unwrap_or_default(),
            [_, digit @ b'0'..=b'9', behind, ..] => {
                let shortened = *behind != b'}';
                if let Some(arg) = args.get(usize::from(digit - b'0')) {
                    arg.write(out, shortened);
                }
                if shortened { "{0…}".len() } else { "{0}".len() }
            }
            _ => {
                append(out, "{");
                1
            }
        };
        rest = place.get(length..).unwrap_or_default();
    }
}

impl Arg<'_> {
    fn write(self, out: &mut String, shortened: bool) {
        match self {
            Self::Text(text) => match beginning(text, LONGEST).filter(|_| shortened) {
                Some(text) => {
                    append(out, text);
                    append(out, "…");
                }
                None => append(out, text),
            },
            Self::Number(number) => append_number(out, number),
            Self::Amount(amount) => append(out, &amount.map(Decimal::text).unwrap_or_default()),
            Self::Byte(byte) => {
                for nibble in [byte >> 4, byte & 15] {
                    out.push(char::from(hex_digit(nibble).to_ascii_uppercase()));
                }
            }
            Self::List(texts) => {
                for (index, text) in texts.iter().enumerate() {
                    if index > 0 {
                        append(out, ", ");
                    }
                    append(out, text);
                }
            }
            Self::Label(field) => field.write_label(out),
        }
    }
}

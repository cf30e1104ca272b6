//! Exact decimal numbers, read from the text of a JSON number. Money is never put into a binary float.

use crate::text::natural;
use std::{cmp::Ordering, fmt};

/// An exact decimal of up to 38 digits: `digits` x 10^-`scale`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decimal {
    digits: i128,
    scale: u32,
}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { digits: 0, scale: 0 };

    /// Reads the text of a JSON number. `None` if it is not one, or has more digits than fit: then nothing exact can be
    /// said of it, and no rule compares it.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let (negative, text) = match text.strip_prefix(b"-") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        // A price has few digits, so the first loop is nearly always the whole work, and it stays in a machine word.
        let (mut small, mut wide, mut scale, mut fraction, mut exponent) = (0u64, None::<i128>, 0i64, false, 0i64);
        let mut rest = text.iter();
        while let Some(&byte) = rest.next() {
            match byte {
                b'0'..=b'9' => {
                    let digit = byte - b'0';
                    match wide {
                        None if small < u64::MAX / 10 - 10 => small = small * 10 + u64::from(digit),
                        None => wide = Some(i128::from(small) * 10 + i128::from(digit)),
                        Some(sum) => wide = Some(tenfold(sum)?.checked_add(i128::from(digit))?),
                    }
                    scale += i64::from(fraction);
                }
                b'.' if !fraction => fraction = true,
                b'e' | b'E' => {
                    exponent = integer(rest.as_slice())?;
                    break;
                }
                _ => return None,
            }
        }
        if !text.first()?.is_ascii_digit() {
            return None;
        }
        let mut digits = wide.unwrap_or(i128::from(small));
        if negative {
            digits = -digits;
        }
        if digits == 0 {
            return Some(Self::ZERO);
        }
        let scale = scale.checked_sub(exponent)?;
        match u32::try_from(scale) {
            Ok(scale) if scale <= 38 => Some(Self { digits, scale }),
            Ok(_) => None,
            Err(_) => Some(Self { digits: shifted(digits, u32::try_from(-scale).ok()?)?, scale: 0 }),
        }
    }

    /// The sum, if it fits.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        Some(Self { digits: self.at_scale(scale)?.checked_add(other.at_scale(scale)?)?, scale })
    }

    /// The difference, if it fits.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(other.checked_neg()?)
    }

    /// The number with the other sign, if it fits.
    pub(crate) fn checked_neg(self) -> Option<Self> {
        Some(Self { digits: self.digits.checked_neg()?, ..self })
    }

    /// The product, if it fits.
    #[must_use]
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        Some(Self { digits: product(self.digits, other.digits)?, scale: self.scale.checked_add(other.scale)? })
    }

    /// The same rounded half away from zero, if it has more decimals than that; `None` if it has not.
    #[must_use]
    pub fn without_noise(self, decimals: u32) -> Option<Self> {
        let surplus = self.scale.checked_sub(decimals).filter(|surplus| matches!(surplus, 1..=38))?;
        let mut size = self.digits.unsigned_abs().to_le_bytes();
        for _ in 1..surplus {
            divide_by_ten(&mut size);
        }
        let mut size = (u128::from_le_bytes(size) + 5).to_le_bytes();
        divide_by_ten(&mut size);
        let rounded = i128::try_from(u128::from_le_bytes(size)).ok()?;
        Some(Self { digits: if self.digits < 0 { -rounded } else { rounded }, scale: decimals })
    }

    /// Whether it is above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.digits > 0
    }

    /// The shortest decimal text without an exponent, which is also a JSON number.
    pub(crate) fn text(self) -> String {
        // From the last digit on.
        let (mut text, mut rest, mut place) = (Vec::new(), self.digits.unsigned_abs().to_le_bytes(), 0);
        while rest != [0; 16] || place <= self.scale {
            let digit = divide_by_ten(&mut rest);
            if place == self.scale && !text.is_empty() {
                text.push(b'.');
            }
            if place >= self.scale || digit > 0 || !text.is_empty() {
                text.push(b'0' + digit);
            }
            place += 1;
        }
        if self.digits < 0 {
            text.push(b'-');
        }
        text.reverse();
        String::from_utf8(text).unwrap_or_default()
    }

    fn at_scale(self, scale: u32) -> Option<i128> {
        shifted(self.digits, scale.checked_sub(self.scale)?)
    }
}

// The library's own division and checked multiplication of 128 bits would be a kilobyte and a half of the program.

/// The product; numbers of 64 bits are nearly always enough.
#[inline(never)]
fn product(a: i128, b: i128) -> Option<i128> {
    if let (Ok(a), Ok(b)) = (i64::try_from(a), i64::try_from(b)) {
        return Some(i128::from(a) * i128::from(b));
    }
    let (mut product, mut bits) = (0i128, b.unsigned_abs());
    for _ in 0..u128::BITS {
        product = product.checked_add(product)?;
        if bits >> 127 == 1 {
            product = if b < 0 { product.checked_sub(a) } else { product.checked_add(a) }?;
        }
        bits <<= 1;
    }
    Some(product)
}

/// The number with so many zeros behind it, if it fits and they are at most 38.
#[inline(never)]
fn shifted(number: i128, zeros: u32) -> Option<i128> {
    if zeros > 38 {
        return None;
    }
    (0..zeros).try_fold(number, |number, _| tenfold(number))
}

fn tenfold(number: i128) -> Option<i128> {
    (i128::MIN / 10..=i128::MAX / 10).contains(&number).then(|| (number << 3) + (number << 1))
}

/// Divides the number that has these bytes, the lowest first, by ten, and gives the rest.
#[inline(never)]
fn divide_by_ten(number: &mut [u8]) -> u8 {
    let mut rest = 0;
    for byte in number.iter_mut().rev() {
        if rest == 0 && *byte == 0 {
            continue;
        }
        let part = rest << 8 | u32::from(*byte);
        *byte = (part / 10) as u8;
        rest = part % 10;
    }
    rest as u8
}

/// The integer of that text; `None` if it is none, or larger than 64 bits hold.
fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let size = natural(digits)?;
    if negative { 0i64.checked_sub_unsigned(size) } else { 0i64.checked_add_unsigned(size) }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        match (self.at_scale(scale), other.at_scale(scale)) {
            (Some(a), Some(b)) => a.cmp(&b),
            // Only one of them can overflow when brought to the larger scale, and that one is the larger in size.
            (None, _) => self.digits.cmp(&0),
            (_, None) => 0.cmp(&other.digits),
        }
    }
}

impl fmt::Display for Decimal {
    /// The shortest decimal text without an exponent, which is also a JSON number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

/// The sum of two amounts, if both are known and it fits.
#[inline(never)]
pub(crate) fn plus(a: &Option<Decimal>, b: &Option<Decimal>) -> Option<Decimal> {
    a.as_ref()?.checked_add(*b.as_ref()?)
}

/// The product of two amounts, if both are known and it fits.
#[inline(never)]
pub(crate) fn times(a: &Option<Decimal>, b: &Option<Decimal>) -> Option<Decimal> {
    a.as_ref()?.checked_mul(*b.as_ref()?)
}

/// Whether the whole text is a JSON number, so that it may stand where one is wanted.
#[must_use]
pub fn is_number(text: &str) -> bool {
    super::Lexer::new(text.as_bytes())
        .and_then(|mut lexer| lexer.number())
        .is_ok_and(|span| span == super::Span { start: 0, end: text.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn the_value_is_that_of_the_text() {
        for (text, shown) in [
            ("19.90", "19.9"),
            ("-0", "0"),
            ("0e999999999999", "0"),
            ("1e3", "1000"),
            ("1.5E-3", "0.0015"),
            ("-0.05", "-0.05"),
            ("123456789012345678901234567890.12345678", "123456789012345678901234567890.12345678"),
        ] {
            assert_eq!(decimal(text).to_string(), shown, "{text}");
        }
        for text in
            ["1e400", "1e-400", "9e99999999999999999999", "1234567890123456789012345678901234567890", "", "-", "x"]
        {
            assert!(Decimal::parse(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn sums_and_products_are_exact() {
        assert_eq!(decimal("0.1").checked_add(decimal("0.2")).unwrap(), decimal("0.30"));
        assert_eq!(decimal("19.99").checked_mul(decimal("3")).unwrap(), decimal("59.97"));
        assert_eq!(decimal("1").checked_sub(decimal("0.01")).unwrap().to_string(), "0.99");
        assert!(decimal("1e38").checked_mul(decimal("1e38")).is_none());
    }

    #[test]
    fn the_noise_of_binary_floats_is_rounded_away() {
        let rounded = |text: &str| decimal(text).without_noise(10).map(|exact| exact.to_string());
        assert_eq!(rounded("0.30000000000000004").as_deref(), Some("0.3"));
        assert_eq!(rounded("-59.970000000000006").as_deref(), Some("-59.97"));
        assert_eq!(rounded("0.99999999999999").as_deref(), Some("1"));
        assert_eq!(rounded("19.9012345678"), None);
    }

    #[test]
    fn order_holds_even_where_scales_cannot_meet() {
        let (huge, tiny) = (decimal("1e38"), decimal("1e-38"));
        assert!(huge > tiny && decimal("-1e38") < tiny && tiny > decimal("-1e38"));
        assert!(decimal("2.50") == decimal("2.5") && decimal("2.5") < decimal("2.51"));
    }
}

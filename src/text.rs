//! What is done to texts in many places: once for the whole program, which every page downloads.

/// What stands before the first such byte, which is one of ASCII, and what behind it.
#[inline(never)]
pub(crate) fn cut(text: &str, at: u8) -> (&str, &str) {
    let end = text.bytes().position(|byte| byte == at).unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), text.get(end + 1..).unwrap_or_default())
}

/// The first characters of a text that has more than so many.
#[inline(never)]
pub(crate) fn beginning(text: &str, characters: usize) -> Option<&str> {
    if text.len() <= characters {
        return None;
    }
    let (end, _) = text.char_indices().nth(characters)?;
    text.get(..end)
}

/// Appends a text.
#[inline(never)]
pub(crate) fn append(out: &mut String, text: &str) {
    out.push_str(text);
}

/// Appends the digits of a number.
#[inline(never)]
pub(crate) fn append_number(out: &mut String, number: usize) {
    out.push_str(digits(number as u64, &mut [0; 20]));
}

/// The digits of a number, written into `room`.
#[inline(never)]
pub(crate) fn digits(mut number: u64, room: &mut [u8; 20]) -> &str {
    let mut length = 0;
    for digit in room.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        length += 1;
        if number == 0 {
            break;
        }
    }
    room.get(room.len() - length..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default()
}

/// The number with these digits; `None` if there is none or anything else, or it is larger than 64 bits hold.
pub(crate) fn natural(digits: &[u8]) -> Option<u64> {
    let number = digits.iter().try_fold(0u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    });
    number.filter(|_| !digits.is_empty())
}

/// The same as a count or an index.
#[inline(never)]
pub(crate) fn whole_number(digits: &str) -> Option<usize> {
    natural(digits.as_bytes())?.try_into().ok()
}

/// The hexadecimal digit, in lower case, of a number below 16.
pub(crate) const fn hex_digit(nibble: u8) -> u8 {
    nibble + if nibble < 10 { b'0' } else { b'a' - 10 }
}

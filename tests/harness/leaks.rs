//! Searches what was shown for secrets, in the forms in which they may slip out.

use std::cell::RefCell;

pub struct Leaks {
    secrets: RefCell<Vec<String>>,
    shown: RefCell<Vec<String>>,
}

impl Leaks {
    pub fn new(secrets: &[&str]) -> Self {
        let secrets = secrets.iter().map(|&secret| secret.to_owned()).collect();
        Self { secrets: RefCell::new(secrets), shown: RefCell::default() }
    }

    /// Notes a secret.
    pub fn secret(&self, secret: &str) {
        self.secrets.borrow_mut().push(secret.to_owned());
    }

    /// Notes what somebody was shown who must not see a secret.
    pub fn shown(&self, text: &str) {
        self.shown.borrow_mut().push(text.to_owned());
    }

    /// Takes no secret for one that is in this text, which is a caller's own: who knows a secret may be told it.
    #[allow(dead_code, reason = "only a fuzzed caller guesses secrets")]
    pub fn known_to_caller(&self, text: &str) {
        self.secrets.borrow_mut().retain(|secret| !forms(secret).iter().any(|form| text.contains(form)));
    }

    /// What was found, as secret and text.
    pub fn found(&self) -> Vec<(String, String)> {
        let forms: Vec<String> = self.secrets.borrow().iter().flat_map(|secret| forms(secret)).collect();
        let shown = self.shown.borrow();
        let leak =
            |text: &String| forms.iter().find(|form| text.contains(*form)).map(|form| (form.clone(), text.clone()));
        shown.iter().filter_map(leak).collect()
    }

    #[track_caller]
    pub fn check(&self) {
        assert_eq!(self.found(), [], "a secret was shown");
    }
}

/// The secret as it is, percent-encoded in both cases, and in base64 and base64url wherever in a longer text it stands.
fn forms(secret: &str) -> Vec<String> {
    let percent = |upper: bool| -> String {
        let escape = |byte: u8| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            _ if upper => format!("%{byte:02X}"),
            _ => format!("%{byte:02x}"),
        };
        secret.bytes().map(escape).collect()
    };
    let mut forms = vec![secret.to_owned(), percent(true), percent(false)];
    for offset in 0..3 {
        let mut bytes = vec![0; offset];
        bytes.extend_from_slice(secret.as_bytes());
        bytes.truncate(bytes.len() / 3 * 3);
        let encoded: String = bytes.chunks(3).skip(usize::from(offset > 0)).flat_map(base64).collect();
        forms.push(encoded.replace('+', "-").replace('/', "_"));
        forms.push(encoded);
    }
    forms
}

fn base64(three: &[u8]) -> Vec<char> {
    let digits: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let group = three.iter().fold(0usize, |group, &byte| group << 8 | usize::from(byte));
    [18, 12, 6, 0].map(|shift| digits[group >> shift & 63]).to_vec()
}

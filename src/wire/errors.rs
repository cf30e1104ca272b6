//! The bodies with which the API reports errors.

use super::shorten;
use crate::json::Tree;
use serde::Serialize;

/// How many characters of one text of an error are kept.
const MAX_TEXT: usize = 500;
/// How many errors of one body are kept: as many as a request has orders.
const MAX_ERRORS: usize = 200;
/// How many characters of a body that is not JSON are kept.
const MAX_BODY_TEXT: usize = 200;

/// One error as the API words it, whichever of its forms it came in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiError {
    /// The code, such as `1019003`, `PB-APIM-ERR-1002` or `validation.failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// What it means.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<String>,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_info: Option<String>,
    /// The fields of the request that are suspected.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<String>,
}

impl ApiError {
    /// The errors in a value of any documented form: `{errors: [..]}`, the same with `status: "ERROR"`, an array of
    /// `{errorCode, message}`, an array of `{key, message}`, and the bare object (seen from the gateway).
    #[must_use]
    pub fn read_all(value: &Tree<'_>) -> Vec<Self> {
        let listed = match value {
            Tree::Array(list) => list.as_slice(),
            _ => match value.get("errors") {
                Some(Tree::Array(list)) => list.as_slice(),
                Some(one @ Tree::Object(_)) => std::slice::from_ref(one),
                _ => std::slice::from_ref(value),
            },
        };
        let mut errors = Vec::new();
        for value in listed {
            if errors.len() < MAX_ERRORS
                && let Some(error) = Self::read(value)
            {
                errors.push(error);
            }
        }
        errors
    }

    /// One error; nothing if the value has neither a code nor a text.
    fn read(value: &Tree<'_>) -> Option<Self> {
        let mut parameters = Vec::new();
        for parameter in value.list("parameters") {
            if let Some(text) = parameter.text() {
                parameters.push(shorten(text, MAX_TEXT));
            }
        }
        let error = Self {
            error_code: first(value, &["errorCode", "key"]),
            error_description: first(value, &["errorDescription", "message", "userMessage"]),
            additional_info: first(value, &["additionalInfo", "moreInfo"]),
            parameters,
        };
        (error.error_code.is_some() || error.error_description.is_some()).then_some(error)
    }

    /// Whether it is the gateway's "spike arrest violation": the request never reached the servers (documented).
    #[must_use]
    pub fn is_throttling(&self) -> bool {
        self.error_code.as_deref() == Some("PB-APIM-ERR-1006")
    }

    /// Code and description in one line, for a person.
    #[must_use]
    pub fn line(&self) -> String {
        let text = match (&self.error_description, &self.additional_info) {
            (Some(text), Some(more)) => [text.as_str(), " ", more].concat(),
            (text, more) => text.as_ref().or(more.as_ref()).cloned().unwrap_or_default(),
        };
        match &self.error_code {
            Some(code) if text.is_empty() => code.clone(),
            Some(code) => [text.as_str(), " (", code, ")"].concat(),
            None => text,
        }
    }
}

/// The first of these members that has a text.
fn first(value: &Tree<'_>, names: &[&str]) -> Option<String> {
    for name in names {
        let text = value.get(name).and_then(Tree::text).map_or("", str::trim);
        if !text.is_empty() {
            return Some(shorten(text, MAX_TEXT));
        }
    }
    None
}

/// What an answer that is no success says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The errors in it.
    pub errors: Vec<ApiError>,
    /// The beginning of a body that holds no such errors, markup and line breaks left out: for a person to recognise who
    /// answered. Not for a page unless the page itself was answered so.
    pub text: Option<String>,
}

impl ErrorBody {
    /// Reads a body, whatever it is.
    #[must_use]
    pub fn read(body: &[u8]) -> Self {
        let errors = Tree::parse(body).map(|tree| ApiError::read_all(&tree)).unwrap_or_default();
        let text = if errors.is_empty() { plain_text(body) } else { None };
        Self { errors, text }
    }
}

/// The first words of a text or of an HTML page.
fn plain_text(body: &[u8]) -> Option<String> {
    let body = body.get(..8192).unwrap_or(body);
    let (mut words, mut tag, mut gap) = (String::new(), false, false);
    for character in String::from_utf8_lossy(body).chars() {
        match character {
            '<' => tag = true,
            '>' if tag => {
                tag = false;
                gap = true;
            }
            _ if tag => {}
            _ if character.is_control() || character.is_whitespace() => gap = true,
            _ => {
                if gap && !words.is_empty() {
                    words.push(' ');
                }
                gap = false;
                words.push(character);
            }
        }
    }
    (!words.is_empty()).then(|| shorten(&words, MAX_BODY_TEXT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: &[(&str, &str)]) {
        let body = ErrorBody::read(body.as_bytes());
        let found = body
            .errors
            .iter()
            .map(|error| (error.error_code.as_deref().unwrap_or(""), error.error_description.as_deref().unwrap_or("")));
        assert_eq!(found.collect::<Vec<_>>(), expected);
        assert_eq!(body.text, None);
    }

    #[test]
    fn every_documented_form_is_read() {
        check(
            r#"{"errors":[{"errorCode":"1019003","errorDescription":"bad","additionalInfo":null,"parameters":["a"]},{"errorCode":1000005}]}"#,
            &[("1019003", "bad"), ("1000005", "")],
        );
        check(r#"[{"errorCode":"1000004","message":"bad clientId","moreInfo":"x"}]"#, &[("1000004", "bad clientId")]);
        check(
            r#"{"status":"ERROR","errors":[{"errorCode":"e","errorDescription":"d","userMessage":"u"}]}"#,
            &[("e", "d")],
        );
        check(r#"[{"key":"order.line.missing","message":"no line"}]"#, &[("order.line.missing", "no line")]);
        check(
            r#"{"errorCode":"PB-APIM-ERR-1002","errorDescription":"Invalid Access Token"}"#,
            &[("PB-APIM-ERR-1002", "Invalid Access Token")],
        );
        check(
            r#"{"errors":{"errorCode":"PB-APIM-ERR-1006","errorDescription":"Spike arrest violation"}}"#,
            &[("PB-APIM-ERR-1006", "Spike arrest violation")],
        );
    }

    #[test]
    fn all_of_an_error_is_kept() {
        let body = ErrorBody::read(
            br#"{"errors":[{"errorCode":"1","errorDescription":"d","additionalInfo":"i","parameters":["p",7,null]}]}"#,
        );
        let expected = ApiError {
            error_code: Some("1".into()),
            error_description: Some("d".into()),
            additional_info: Some("i".into()),
            parameters: vec!["p".into(), "7".into()],
        };
        assert_eq!(body.errors[0], expected);
        assert_eq!(expected.line(), "d i (1)");
    }

    #[test]
    fn a_body_that_is_no_error_object_is_kept_as_short_text() {
        let text = |body: &[u8]| ErrorBody::read(body).text;
        let html = b"<!doctype html><title>502</title>\n<h1>Bad  Gateway</h1>";
        assert_eq!(text(html).as_deref(), Some("502 Bad Gateway"));
        assert_eq!(text(b""), None);
        assert_eq!(text(b"[]").as_deref(), Some("[]"));
        assert_eq!(text(b"\xff\x00\n"), Some("\u{fffd}".into()));
        assert_eq!(text("\u{e9}".repeat(300).as_bytes()).unwrap().chars().count(), 201);
        assert_eq!(ErrorBody::read(br#"{"errors":[null,3,{}]}"#).errors, []);
    }

    #[test]
    fn long_texts_and_lists_are_cut() {
        let entry = format!(r#"{{"errorCode":"{}"}},"#, "1".repeat(1000));
        let body = format!("[{}{{}}]", entry.repeat(300));
        let errors = ErrorBody::read(body.as_bytes()).errors;
        assert_eq!(errors.len(), 200);
        assert_eq!(errors[0].error_code.as_ref().unwrap().chars().count(), 501);
    }
}
